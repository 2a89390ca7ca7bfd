from django.db import models
from django.utils.translation import gettext_lazy as _


class Level(models.TextChoices):
    COUNTRY = "country", _("country")
    PROVINCE = "province", _("province")
    DISTRICT = "district", _("district (until 30 June 2025)")
    COMMUNE = "commune", _("commune")
    VILLAGE = "village", _("village")


class UnitKind(models.TextChoices):
    """What a unit is called; the label is the word that stands before its name and stays Vietnamese."""

    QUOC_GIA = "quoc_gia", "nước"
    TINH = "tinh", "tỉnh"
    THANH_PHO = "thanh_pho", "thành phố"
    HUYEN = "huyen", "huyện"
    QUAN = "quan", "quận"
    THI_XA = "thi_xa", "thị xã"
    XA = "xa", "xã"
    PHUONG = "phuong", "phường"
    THI_TRAN = "thi_tran", "thị trấn"
    DAC_KHU = "dac_khu", "đặc khu"
    THON = "thon", "thôn"
    XOM = "xom", "xóm"
    AP = "ap", "ấp"
    BAN = "ban", "bản"
    BUON = "buon", "buôn"
    TO_DAN_PHO = "to_dan_pho", "tổ dân phố"


VILLAGE_KINDS = (
    UnitKind.THON,
    UnitKind.XOM,
    UnitKind.AP,
    UnitKind.BAN,
    UnitKind.BUON,
    UnitKind.TO_DAN_PHO,
)

KINDS_OF_LEVEL: dict[Level, tuple[UnitKind, ...]] = {
    Level.COUNTRY: (UnitKind.QUOC_GIA,),
    Level.PROVINCE: (UnitKind.TINH, UnitKind.THANH_PHO),
    Level.DISTRICT: (UnitKind.HUYEN, UnitKind.QUAN, UnitKind.THI_XA, UnitKind.THANH_PHO),
    Level.COMMUNE: (UnitKind.XA, UnitKind.PHUONG, UnitKind.THI_TRAN, UnitKind.DAC_KHU),
    Level.VILLAGE: VILLAGE_KINDS,
}


class ChangeKind(models.TextChoices):
    MERGE = "merge", _("merged")
    SPLIT = "split", _("divided")
    RENAME = "rename", _("renamed")
    RETYPE = "retype", _("changed kind")
    CONTINUED = "continued", _("went on under another unit above")
