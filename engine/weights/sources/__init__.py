"""Where models come from: folders, GGUF files, installed packages, repositories. Each gives named tensors."""
