"""What the commands stand on: how the kernel's data is read."""
