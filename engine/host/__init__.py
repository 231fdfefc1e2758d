"""The block server: admission, scheduling, KV cache and the thread that owns the device."""
