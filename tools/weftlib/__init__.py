"""The launcher's modules. Start reading with guest.py (one run of QEMU) and verdict.py."""
