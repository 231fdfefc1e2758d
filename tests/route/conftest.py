import pytest
from transformers import PreTrainedModel

from tests.in_memory_swarm import swarm
from tests.tiny_models import one_torch_thread, tiny_model

__all__ = ["one_torch_thread", "swarm"]


@pytest.fixture(scope="module")
def model() -> PreTrainedModel:
    return tiny_model("llama")
