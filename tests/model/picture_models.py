"""Tiny random models that see pictures, and a picture read by each one's own image processor."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
import transformers as hf
from PIL import Image, ImageDraw
from torch import Tensor
from transformers import PretrainedConfig, PreTrainedModel

N_LAYERS = 5
HIDDEN = 32
PICTURE, VIDEO, BEGIN, END = 290, 291, 292, 293  # tokens
VOCABULARY = 300
SIDE = 28  # pixels

_TEXT = {
    "vocab_size": VOCABULARY,
    "hidden_size": HIDDEN,
    "intermediate_size": 48,
    "num_hidden_layers": N_LAYERS,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 1024,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
_VISION = {
    "hidden_size": 16,
    "intermediate_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "image_size": SIDE,
    "patch_size": 14,
}
_DEEP_VISION = {"depth": 2, "hidden_size": 16, "out_hidden_size": HIDDEN, "num_heads": 2, "patch_size": 14}
_SIGLIP = {"model_type": "siglip_vision_model", "vision_use_head": False, **_VISION}
_CLIP = {"model_type": "clip_vision_model", "projection_dim": 16, **_VISION}
_WINDOWS = {
    "sliding_window": 6,
    "layer_types": [*["sliding_attention"] * 2, "full_attention", "sliding_attention", "full_attention"],
}
_THREE_AXES = {"rope_parameters": {"rope_type": "default", "mrope_section": [1, 1, 2], "rope_theta": 10000.0}}
_MARKS = {
    "image_token_id": PICTURE,
    "video_token_id": VIDEO,
    "vision_start_token_id": BEGIN,
    "vision_end_token_id": END,
}
_SQUARE = {"height": SIDE, "width": SIDE}
_TILES = [[SIDE, 2 * SIDE], [2 * SIDE, SIDE], [2 * SIDE, 2 * SIDE]]
_PIXELS = {"size": {"shortest_edge": SIDE**2, "longest_edge": 8 * SIDE**2}}
_CLIP_READER = {"size": {"shortest_edge": SIDE}, "crop_size": _SQUARE}


def _text(family: str, **more: Any) -> dict[str, Any]:
    return {"model_type": family, **_TEXT, **more}


@dataclass(frozen=True)
class PictureFamily:
    config: Callable[[], PretrainedConfig]
    processor: str  # class of the image processor
    settings: Mapping[str, Any]  # of the image processor
    tokens: int | None = None  # that stand for the picture; None: as many as the processor's grid says
    marks: str = ""  # input that says which tokens those are, where the model wants one


def _grid_family(config: Callable[[], PretrainedConfig], processor: str) -> PictureFamily:
    return PictureFamily(config, processor, _PIXELS, marks="mm_token_type_ids")


FAMILIES: dict[str, PictureFamily] = {
    "llava": PictureFamily(
        lambda: hf.LlavaConfig(text_config=_text("llama"), vision_config=_CLIP, image_token_id=PICTURE),
        "CLIPImageProcessorPil",
        _CLIP_READER,
        tokens=4,
    ),
    "llava_next": PictureFamily(
        lambda: hf.LlavaNextConfig(
            text_config=_text("mistral", sliding_window=None),
            vision_config=_CLIP,
            image_token_index=PICTURE,
            image_grid_pinpoints=_TILES,
        ),
        "LlavaNextImageProcessorPil",
        {**_CLIP_READER, "image_grid_pinpoints": _TILES},
        tokens=14,
    ),
    "llava_onevision": PictureFamily(
        lambda: hf.LlavaOnevisionConfig(
            text_config=_text("qwen2"),
            vision_config=_SIGLIP,
            image_token_index=PICTURE,
            video_token_index=VIDEO,
            image_grid_pinpoints=_TILES,
        ),
        "LlavaOnevisionImageProcessorPil",
        {"size": _SQUARE, "image_grid_pinpoints": _TILES},
        tokens=14,
    ),
    "vipllava": PictureFamily(
        lambda: hf.VipLlavaConfig(
            text_config=_text("llama"),
            vision_config=_CLIP,
            image_token_index=PICTURE,
            vision_feature_layers=[-1, -2],
        ),
        "CLIPImageProcessorPil",
        _CLIP_READER,
        tokens=4,
    ),
    "qwen2_vl": _grid_family(
        lambda: hf.Qwen2VLConfig(
            text_config=_text("qwen2_vl_text", **_THREE_AXES),
            vision_config={**_DEEP_VISION, "embed_dim": 16, "hidden_size": HIDDEN, "mlp_ratio": 2},
            **_MARKS,
        ),
        "Qwen2VLImageProcessorPil",
    ),
    "qwen2_5_vl": _grid_family(
        lambda: hf.Qwen2_5_VLConfig(
            text_config=_text("qwen2_5_vl_text", **_THREE_AXES),
            vision_config={
                **_DEEP_VISION,
                "intermediate_size": 32,
                "fullatt_block_indexes": [1],
                "window_size": 56,
            },
            **_MARKS,
        ),
        "Qwen2VLImageProcessorPil",
    ),
    "glm4v": _grid_family(
        lambda: hf.Glm4vConfig(
            text_config=_text("glm4v_text", **_THREE_AXES),
            vision_config={**_DEEP_VISION, "intermediate_size": 32, "image_size": 2 * SIDE},
            image_token_id=PICTURE,
            video_token_id=VIDEO,
            image_start_token_id=BEGIN,
            image_end_token_id=END,
        ),
        "Glm4vImageProcessorPil",
    ),
    "gemma3": PictureFamily(
        lambda: hf.Gemma3Config(
            text_config=_text("gemma3_text", head_dim=8, **_WINDOWS),
            vision_config=_SIGLIP,
            mm_tokens_per_image=4,
            image_token_index=PICTURE,
            boi_token_index=BEGIN,
            eoi_token_index=END,
        ),
        "Gemma3ImageProcessorPil",
        {"size": _SQUARE},
        tokens=4,
        marks="token_type_ids",
    ),
    "paligemma": PictureFamily(
        lambda: hf.PaliGemmaConfig(
            text_config=_text("gemma", head_dim=8),
            vision_config={**_SIGLIP, "projection_dim": HIDDEN},
            image_token_index=PICTURE,
            projection_dim=HIDDEN,
        ),
        "SiglipImageProcessorPil",
        {"size": _SQUARE},
        tokens=4,
        marks="token_type_ids",
    ),
    "idefics2": PictureFamily(
        lambda: hf.Idefics2Config(
            text_config=_text("mistral", sliding_window=None),
            vision_config={"model_type": "idefics2_vision", **_VISION},
            perceiver_config={
                "hidden_size": HIDDEN,
                "resampler_n_latents": 4,
                "resampler_depth": 1,
                "resampler_n_heads": 2,
                "resampler_head_dim": 8,
                "num_key_value_heads": 2,
            },
            image_token_id=PICTURE,
        ),
        "Idefics2ImageProcessorPil",
        {"size": {"shortest_edge": SIDE, "longest_edge": SIDE}},
        tokens=4,
    ),
    "idefics3": PictureFamily(
        lambda: hf.Idefics3Config(
            text_config=_text("llama"),
            vision_config={"model_type": "idefics3_vision", **_VISION},
            image_token_id=PICTURE,
            scale_factor=2,
        ),
        "Idefics3ImageProcessorPil",
        {"size": {"longest_edge": 2 * SIDE}, "max_image_size": {"longest_edge": SIDE}},
        tokens=5,
    ),
    "smolvlm": PictureFamily(
        lambda: hf.SmolVLMConfig(
            text_config=_text("llama"),
            vision_config={"model_type": "smolvlm_vision", **_VISION},
            image_token_id=PICTURE,
            scale_factor=2,
        ),
        "SmolVLMImageProcessorPil",
        {"size": {"longest_edge": 2 * SIDE}, "max_image_size": {"longest_edge": SIDE}},
        tokens=5,
    ),
    "internvl": PictureFamily(
        lambda: hf.InternVLConfig(
            text_config=_text("qwen2"),
            vision_config={
                "model_type": "internvl_vision",
                **_VISION,
                "image_size": [SIDE, SIDE],
                "patch_size": [14, 14],
            },
            image_token_id=PICTURE,
        ),
        "GotOcr2ImageProcessorPil",
        {"size": _SQUARE, "crop_to_patches": False},
        tokens=1,
    ),
    "mistral3": PictureFamily(
        lambda: hf.Mistral3Config(
            text_config=_text("mistral", sliding_window=None, head_dim=8),
            vision_config={"model_type": "pixtral", "head_dim": 8, **_VISION},
            image_token_index=PICTURE,
        ),
        "PixtralImageProcessorPil",
        {"size": {"longest_edge": 2 * SIDE}, "patch_size": SIDE},
        tokens=4,
    ),
    "aya_vision": PictureFamily(
        lambda: hf.AyaVisionConfig(
            text_config=_text("cohere2", head_dim=8, **_WINDOWS),
            vision_config=_SIGLIP,
            image_token_index=PICTURE,
        ),
        "GotOcr2ImageProcessorPil",
        {"size": _SQUARE, "crop_to_patches": False},
        tokens=1,
    ),
}

# Adds parts of the picture between its layers.
LAYERED = _grid_family(
    lambda: hf.Qwen3VLConfig(
        text_config=_text("qwen3_vl_text", head_dim=8, **_THREE_AXES),
        vision_config={
            **_DEEP_VISION,
            "intermediate_size": 32,
            "deepstack_visual_indexes": [0, 1],
            "num_position_embeddings": 16,
        },
        **_MARKS,
    ),
    "Qwen2VLImageProcessorPil",
)


def drawing(colour: str = "red") -> Image.Image:
    picture = Image.new("RGB", (60, 44), "navy")
    ImageDraw.Draw(picture).ellipse((8, 5, 40, 30), fill=colour)
    return picture


def tiny_seer(family: PictureFamily, seed: int = 0) -> PreTrainedModel:
    """Norms and biases are random as well, so that every number counts."""
    torch.manual_seed(seed)
    model = hf.AutoModelForImageTextToText.from_config(family.config()).eval()
    for parameter in model.parameters():
        parameter.data += 0.15 * torch.randn(parameter.shape)
    return model.requires_grad_(False)


def asked_about(family: PictureFamily, picture: Image.Image) -> dict[str, Tensor]:
    """A prompt of text, the picture, and text: what `generate()` takes."""
    processor = getattr(hf, family.processor)(**family.settings)
    read = processor(images=[picture], return_tensors="pt")
    pixels = {name: value for name, value in read.items() if name not in ("num_crops", "num_patches")}
    pixels.pop("batch_num_images", None)
    tokens = family.tokens or int(read["image_grid_thw"].prod()) // processor.merge_size**2
    ids = torch.tensor([[*range(5, 11), BEGIN, *[PICTURE] * tokens, END, *range(20, 24)]])
    marks = {family.marks: (ids == PICTURE).long()} if family.marks else {}
    return {"input_ids": ids, **pixels, **marks}
