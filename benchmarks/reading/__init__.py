"""Test photographs of handwritten numbers, made from a seed, and the score of who reads them."""
