"""Vietnamese on a narrow screen: keep words of several syllables, numbers and units together.

"điện | thoại" broken over two lines reads badly. No-break spaces are put in when text is shown, never when it
is stored, so that search and exports see ordinary spaces.
"""

import re
import unicodedata

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

NBSP = "\u00a0"

# Words of our own pages whose halves mislead or look torn when a line ends between them. Kept small: a long
# list would make every line ragged.
WORDS = """
an toàn|biên lai|bài học|bài kiểm tra|bưu điện|bảo mật|bắt đầu|chuyển khoản|chuyển tiền|chuyển đổi số
chính quyền|chỉ tiêu|chứng nhận|cuộc gọi|cán bộ|công an|công dân|công nghệ|căn cước|cơ quan|cư trú|cấp xã
cộng đồng|cụ thể|danh sách|doanh nghiệp|dấu hiệu|dịch vụ|dịch vụ công|dữ liệu|gia đình|gian hàng
giao hàng|giấy khai sinh|giấy tờ|hoàn thành|hàng hoá|hướng dẫn|hồ sơ|hội thi|hợp tác xã|khai sinh
khoá học|khách hàng|kiểm tra|kẻ gian|lừa đảo|minh chứng|miễn phí|máy tính|mã độc|mạng xã hội|mật khẩu
nghi ngờ|ngày sinh|ngân hàng|người bán|người dân|người học|người mua|người thân|nhà văn hoá|nhóm xã
nông dân|nông nghiệp|nông sản|nông thôn|nông thôn mới|phương án|phần mềm|quảng cáo|sản phẩm|số hoá
số điện thoại|thanh toán|thành viên|thông báo|thông minh|thông tin|thương hiệu|thẻ học|thời gian|thủ tục
thửa ruộng|tin nhắn|tiền mặt|trang chủ|truy xuất nguồn gốc|truyền thống|trình duyệt|trả lời|trẻ em
trực tiếp|trực tuyến|tuyên truyền|tài khoản|tải về|tỉ lệ|tổ chức|uỷ ban|việc làm|ví dụ|vùng trồng|văn hoá
xác minh|xác nhận|xã hội|xếp hạng|điện thoại|đăng ký|đăng nhập|đơn hàng|đường dẫn|địa chỉ|địa phương
đợt thi đua|ứng dụng
"""

UNITS = (
    "phút|giờ|giây|ngày|tuần|tháng|năm|bài|câu|người|thôn|xã|hộ|lượt|lần|số|chữ số|điểm|bậc|vòng|khoá|"
    "tỉnh|tuổi|"
    "dòng|trang|triệu|nghìn|tỷ|tỉ|đồng|đ|%|kB|MB|GB|kg|g|km|m|ha|minutes?|hours?|days?|lessons?|questions?|people"
)

_lexicon = sorted(
    {word.strip() for word in WORDS.replace("\n", "|").split("|") if " " in word.strip()},
    key=len,
    reverse=True,
)
_WORD = re.compile(
    r"(?<!\w)(?:" + "|".join(word.replace(" ", " +") for word in _lexicon) + r")(?!\w)",
    re.IGNORECASE,
)
_PHONE = re.compile(r"(?<![\w.])(?:\+84|0)\d{2,3}(?: \d{3}){2}(?!\d)")
_UNIT = re.compile(rf"(\d) (?=(?:{UNITS})(?!\w)(?! \d))")
_COUNT = re.compile(r"(\d) (trên|of) (?=\d)")
_NUMBERED = re.compile(
    r"(?<!\w)((?:bài|câu|vòng|hạng|bước|số|khối|lớp|lúc|ngày|tháng|năm|quý|thứ) )(?=\d)",
    re.IGNORECASE,
)
_SPACES = re.compile(" +")
_TAG = re.compile(
    r"(<(?:script|style|pre|code|textarea)\b.*?</(?:script|style|pre|code|textarea)>|<[^>]*>)",
    re.DOTALL | re.IGNORECASE,
)


def keep_together(text: str) -> str:
    """Return plain text with no-break spaces inside words of the lexicon, phone numbers and number + unit."""
    if " " not in text:
        return text
    text = _WORD.sub(lambda match: _SPACES.sub(NBSP, match[0]), text)
    text = _PHONE.sub(lambda match: match[0].replace(" ", NBSP), text)
    text = _COUNT.sub(rf"\1{NBSP}\2{NBSP}", text)
    text = _UNIT.sub(rf"\1{NBSP}", text)
    return _NUMBERED.sub(lambda match: match[1].replace(" ", NBSP), text)


def keep_html_together(html: str) -> SafeString:
    """Do the same in the text of rendered, trusted HTML; tags, scripts and code stay as they are."""
    return mark_safe(
        "".join(part if part.startswith("<") else keep_together(part) for part in _TAG.split(html) if part is not None)
    )


def _letters(text: str) -> str:
    """Return text without case and accents, one letter per letter, so that positions stay the same."""
    return "".join(
        "d" if letter in "đĐ" else unicodedata.normalize("NFD", letter)[0].casefold()[:1] or letter for letter in text
    )


def mark_words(escaped: str, words: str) -> SafeString:
    """Wrap each place of already escaped text that equals `words`, accents and case aside, in <mark>."""
    escaped = unicodedata.normalize("NFC", escaped)
    wanted = _letters(unicodedata.normalize("NFC", words).strip())
    if not wanted:
        return mark_safe(escaped)
    pieces: list[str] = []
    start = 0
    for match in re.finditer(r"(?<![\w&])" + re.escape(wanted) + r"(?!\w)", _letters(escaped)):
        pieces.append(escaped[start : match.start()])
        pieces.append(format_html("<mark>{}</mark>", mark_safe(escaped[match.start() : match.end()])))
        start = match.end()
    return mark_safe("".join(pieces) + escaped[start:])
