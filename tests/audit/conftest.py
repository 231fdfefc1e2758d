from tests.in_memory_swarm import swarm
from tests.tiny_models import one_torch_thread

__all__ = ["one_torch_thread", "swarm"]
