from tests.tiny_models import one_torch_thread

__all__ = ["one_torch_thread"]
