"""Names that test care and endurance: innocent collisions with weak aliases, and hostile input."""

from pathlib import Path

BENIGN = Path(__file__).with_name("benign.txt")


def benign() -> list[str]:
    """Invented everyday names that collide with acronyms and generic aliases."""
    lines = BENIGN.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def hostile() -> dict[str, str]:
    """Names no registry would send and an attacker would: what each is, and the name."""
    zalgo = "".join(
        c + "\u0334\u0321\u031b\u0316\u0318\u0324\u0350\u0301\u0352" * 8 for c in "Mohammed Hussein"
    )
    return {
        "1,000 different words": " ".join(f"name{i}" for i in range(1_000)),
        "1,000 common words": " ".join(["mohammed", "al", "ali", "abu", "bin"] * 200),
        "1,000 initials": " ".join(["a", "b", "m"] * 334),
        "1,000 words of one letter": " ".join(["q"] * 1_000),
        "64 kB without a space": "mohammed" * 8_192,
        "64 kB of one letter": "a" * 65_536,
        "64 kB of words": "islamic state " * 4_681,
        "64 kB of Arabic": "محمد " * 13_107,
        "64 kB of Han": "王伟" * 10_922,
        "64 kB of marks": "a" + "\u0301" * 32_767,
        "64 kB of digits": "764 " * 16_384,
        "stacked marks": zalgo,
        "mixed scripts in a word": "Моhаmmеd Нussеin" + "محمد" + "王",
        "mixed scripts by word": "Mohammed محمد Мохаммед 穆罕默德 모하메드 " * 40,
        "right-to-left marks": "\u202e\u200fUsama\u200e bin\u200f Laden\u202c",
        "zero-width joiners": "U\u200bs\u200ca\u200dm\ufeffa bin La\u2060den",
        "only spaces": " \t\n  \u3000" * 50,
        "only punctuation": "-.,;:()[]{}'’/\\" * 100,
        "only marks": "\u0301\u0302\u0303" * 200,
        "only emoji": "😀👩\u200d👩\u200d👧\u200d👦🇨🇦" * 50,
        "emoji between": "Usama 😀 bin 👍 Laden",
        "one letter": "a",
        "one Arabic letter": "م",
        "one digit": "7",
        "nothing": "",
        "a null": "Usama\x00bin Laden",
        "a lone surrogate": "Usama \ud800 bin Laden",
        "full-width letters": "Ｕｓａｍａ\u3000ｂｉｎ\u3000Ｌａｄｅｎ",
        "mathematical letters": "𝐔𝐬𝐚𝐦𝐚 𝐛𝐢𝐧 𝐋𝐚𝐝𝐞𝐧",
        "ligatures": "Oﬀice ﷲ ﷺ ﷴ",
        "hyphens everywhere": "-".join("usamabinladen" * 200),
        "quotes and markup": "<script>alert('x')</script>\"; DROP TABLE listings; --" * 20,
    }
