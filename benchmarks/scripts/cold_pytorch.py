"""From nothing to a saved model of 98 %, with PyTorch.

python benchmarks/scripts/cold_pytorch.py [--seed 0] [--epochs 6] [-o digits.safetensors]
"""

import torch
from command import arguments
from digits import load
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional

options = arguments(epochs=6)
torch.manual_seed(options.seed)
images, labels = map(torch.from_numpy, load("train"))
test_images, test_labels = map(torch.from_numpy, load("t10k"))

network = nn.Sequential(nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
steps = options.epochs * -(-len(images) // 128)
optimizer = torch.optim.SGD(network.parameters(), lr=0.2, momentum=0.9, nesterov=True, fused=True)
schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)

for _ in range(options.epochs):
    for batch in torch.randperm(len(images)).split(128):
        optimizer.zero_grad()
        loss = functional.cross_entropy(network(images.index_select(0, batch)), labels.index_select(0, batch))
        loss.backward()
        optimizer.step()
        schedule.step()

save_file(network.state_dict(), options.output)
with torch.no_grad():
    right = network(test_images).argmax(dim=1) == test_labels
print(f"test accuracy {100 * right.float().mean():.2f} %")
