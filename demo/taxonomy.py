"""Names and numbers of the real sets, and which recipe makes which class."""

from __future__ import annotations

SHAPENET55 = {
    '02691156': 'airplane',
    '02747177': 'trash bin',
    '02773838': 'bag',
    '02801938': 'basket',
    '02808440': 'bathtub',
    '02818832': 'bed',
    '02828884': 'bench',
    '02843684': 'birdhouse',
    '02871439': 'bookshelf',
    '02876657': 'bottle',
    '02880940': 'bowl',
    '02924116': 'bus',
    '02933112': 'cabinet',
    '02942699': 'camera',
    '02946921': 'can',
    '02954340': 'cap',
    '02958343': 'car',
    '02992529': 'cellphone',
    '03001627': 'chair',
    '03046257': 'clock',
    '03085013': 'keyboard',
    '03207941': 'dishwasher',
    '03211117': 'display',
    '03261776': 'earphone',
    '03325088': 'faucet',
    '03337140': 'file cabinet',
    '03467517': 'guitar',
    '03513137': 'helmet',
    '03593526': 'jar',
    '03624134': 'knife',
    '03636649': 'lamp',
    '03642806': 'laptop',
    '03691459': 'loudspeaker',
    '03710193': 'mailbox',
    '03759954': 'microphone',
    '03761084': 'microwave',
    '03790512': 'motorbike',
    '03797390': 'mug',
    '03928116': 'piano',
    '03938244': 'pillow',
    '03948459': 'pistol',
    '03991062': 'flowerpot',
    '04004475': 'printer',
    '04074963': 'remote control',
    '04090263': 'rifle',
    '04099429': 'rocket',
    '04225987': 'skateboard',
    '04256520': 'sofa',
    '04330267': 'stove',
    '04379243': 'table',
    '04401088': 'telephone',
    '04460130': 'tower',
    '04468005': 'train',
    '04530566': 'watercraft',
    '04554684': 'washer',
}
"""Synset of ShapeNetCore to its category words, all 55."""

SHAPENET_PART = {
    'Airplane': ('02691156', 0),
    'Bag': ('02773838', 4),
    'Cap': ('02954340', 6),
    'Car': ('02958343', 8),
    'Chair': ('03001627', 12),
    'Earphone': ('03261776', 16),
    'Guitar': ('03467517', 19),
    'Knife': ('03624134', 22),
    'Lamp': ('03636649', 24),
    'Laptop': ('03642806', 28),
    'Motorbike': ('03790512', 30),
    'Mug': ('03797390', 36),
    'Pistol': ('03948459', 38),
    'Rocket': ('04099429', 41),
    'Skateboard': ('04225987', 44),
    'Table': ('04379243', 47),
}
"""Category to (synset, its first part label). The lower-case name is the recipe's."""

# fmt: off
MODELNET40 = (
    'airplane', 'bathtub', 'bed', 'bench', 'bookshelf', 'bottle', 'bowl', 'car', 'chair', 'cone',
    'cup', 'curtain', 'desk', 'door', 'dresser', 'flower_pot', 'glass_box', 'guitar', 'keyboard',
    'lamp', 'laptop', 'mantel', 'monitor', 'night_stand', 'person', 'piano', 'plant', 'radio',
    'range_hood', 'sink', 'sofa', 'stairs', 'stool', 'table', 'tent', 'toilet', 'tv_stand', 'vase',
    'wardrobe', 'xbox',
)
MODELNET10 = (
    'bathtub', 'bed', 'chair', 'desk', 'dresser', 'monitor', 'night_stand', 'sofa', 'table',
    'toilet',
)
SCANOBJECTNN = (
    'bag', 'bin', 'box', 'cabinet', 'chair', 'desk', 'display', 'door', 'shelf', 'table', 'bed',
    'pillow', 'sink', 'sofa', 'toilet',
)
S3DIS = (
    'ceiling', 'floor', 'wall', 'beam', 'column', 'window', 'door', 'table', 'chair', 'sofa',
    'bookcase', 'board', 'clutter',
)
# fmt: on

RECIPE_OF = {'monitor': 'display', 'bookshelf': 'shelf', 'bookcase': 'shelf', 'trash bin': 'bin'}
"""Class names whose recipe has another name."""


def recipe_of(name: str) -> str:
    """The recipe that makes a class."""
    return RECIPE_OF.get(name, name)
