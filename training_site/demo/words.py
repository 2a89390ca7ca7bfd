"""Made-up names. Any likeness to living people is chance."""

from __future__ import annotations

from random import Random

FAMILY = ["Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương", "Lý", "Hà", "Đinh"]
MIDDLE_FEMALE = ["Thị", "Thị Ngọc", "Thị Kim", "Thuỳ", "Thị Thanh", "Hồng"]
MIDDLE_MALE = ["Văn", "Đức", "Quang", "Hữu", "Minh", "Công", "Bá"]
GIVEN_FEMALE = [
    "Ánh",
    "Bích",
    "Dung",
    "Hạnh",
    "Hoa",
    "Hương",
    "Lan",
    "Liên",
    "Mai",
    "Nga",
    "Nhung",
    "Thảo",
    "Thu",
    "Yến",
]
GIVEN_MALE = [
    "An",
    "Bình",
    "Cường",
    "Dũng",
    "Hải",
    "Hùng",
    "Khải",
    "Long",
    "Nam",
    "Phúc",
    "Sơn",
    "Thắng",
    "Tuấn",
    "Việt",
]
ETHNIC = ["H'Hen Niê", "Y Moan Ênuôl", "Vàng A Sùng", "Giàng Thị Mỷ", "K'Brếu", "Thạch Sô Phia", "Lò Văn Pánh"]
VILLAGES = ["Bến Hạ", "Bến Thượng", "Đồng Xuân", "Phú Lễ", "Trại Mới"]


def full_name(chance: Random) -> str:
    """A full name as they are in the countryside, one in thirty from an ethnic minority."""
    if chance.random() < 1 / 30:
        return chance.choice(ETHNIC)
    if chance.random() < 0.5:
        return f"{chance.choice(FAMILY)} {chance.choice(MIDDLE_FEMALE)} {chance.choice(GIVEN_FEMALE)}"
    return f"{chance.choice(FAMILY)} {chance.choice(MIDDLE_MALE)} {chance.choice(GIVEN_MALE)}"
