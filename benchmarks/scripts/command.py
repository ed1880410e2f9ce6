"""The options of the scripts beside this one."""

import argparse


def arguments(epochs):
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=epochs)
    parser.add_argument("-o", dest="output", default="digits.safetensors")
    return parser.parse_args()
