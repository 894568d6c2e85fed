"""The parts of benchmarks/embedding.py."""
