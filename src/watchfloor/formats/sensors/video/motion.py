"""A motion gate: boxes around what moves before a background that is learned from the pictures.

The background is a mixture of Gaussians a pixel (Zivkovic 2004, OpenCV's MOG2). What differs from it is
cleaned of single pixels, parts that nearly touch are joined, and a part of at least `LEAST` of the picture is
a box. A box counts once something was seen near where it is expected in `PERSISTS` looks. The gate says that
something moved and not what: leaves, rain, insects at the lens and headlights move too.
"""

from typing import Any, Final, NamedTuple

from watchfloor.formats.sensors.video.clip import Picture, library

WIDTH: Final = 640
"""Pixels to which a wider picture is reduced."""
LEAST: Final = 1 / 5000
"""Share of the picture that a box's pixels must have: 46 of 640 by 360."""
LEARNS: Final = 10
"""Looks from which the background is learned before anything is told."""
HISTORY: Final = 500
"""Looks that the background remembers: what stands still is part of it after a tenth of them."""
PERSISTS: Final = 3
FORGOTTEN: Final = 2
"""Looks without a box after which one that comes is another object."""
CHANGED: Final = 0.3
"""Share of the picture beyond which not objects have moved, but the camera or the light."""
MOST: Final = 50
"""Boxes of one look; more are rain, leaves or noise, and none of them is told."""


class Box(NamedTuple):
    """A box in pixels of the picture as it came: left and upper edge, width and height; and whose it is."""

    left: int
    top: int
    width: int
    height: int
    number: int = 0


def _middle(box: Box) -> tuple[float, float]:
    return box.left + box.width / 2, box.top + box.height / 2


class _Object:
    """An object from look to look: its last box, its step a look, how often it was seen, and when last."""

    def __init__(self, number: int, box: Box, look: int) -> None:
        self.number, self.box, self.look, self.seen = number, box, look, 1
        self.step = (0.0, 0.0)

    def distance(self, box: Box, look: int) -> float:
        """Pixels from where it is expected, as a share of how far it may be: up to 1 it may be this one."""
        (x, y), (here_x, here_y) = _middle(self.box), _middle(box)
        gone = look - self.look
        off_x, off_y = here_x - x - self.step[0] * gone, here_y - y - self.step[1] * gone
        return max(abs(off_x), abs(off_y)) / (2 * max(*self.box[2:4], *box[2:4]))

    def move(self, box: Box, look: int) -> None:
        """See it again."""
        (x, y), (here_x, here_y) = _middle(self.box), _middle(box)
        gone = look - self.look
        self.step = (here_x - x) / gone, (here_y - y) / gone
        self.box, self.look, self.seen = box, look, self.seen + 1


class Gate:
    """Looks at the pictures of one fixed camera in their order.

    Attributes:
        looks: how many it looked at.
        blind: of them, those in which the whole view changed, and those in which it learned anew after that.
    """

    def __init__(self) -> None:
        self._cv2 = library()
        self.looks = self.blind = 0
        self._objects: list[_Object] = []
        self._count = 0
        self._learn()
        self._again = False

    def look(self, picture: Picture) -> list[Box]:
        """Return the boxes of what moves in a picture, height x width x 3, blue first."""
        self.looks += 1
        self._learned += 1
        scale = min(1.0, WIDTH / picture.shape[1])
        mask = self._mask(picture, scale)
        share = float(self._cv2.countNonZero(mask)) / mask.size
        if self._learned <= LEARNS:
            self.blind += self._again
            return []
        boxes = self._boxes(mask)
        if share > CHANGED or len(boxes) > MOST:
            self.blind += 1
            self._again = True
            self._learn()
            return []
        told = [one for one in self._follow(boxes) if one.seen >= PERSISTS]
        edges = [(one.number, *(round(value / scale) for value in one.box[:4])) for one in told]
        return [Box(left, top, wide, high, number) for number, left, top, wide, high in edges]

    def _learn(self) -> None:
        """Begin with a background of nothing."""
        self._learned = 0
        self._background = self._cv2.createBackgroundSubtractorMOG2(history=HISTORY, detectShadows=True)
        self._objects = []

    def _mask(self, picture: Picture, scale: float) -> Any:
        """Where the picture differs from the background: 255 there, and 0 elsewhere and in shadows."""
        cv2 = self._cv2
        grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
        if scale < 1:
            size = WIDTH, max(1, round(picture.shape[0] * scale))
            grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
        mask = self._background.apply(cv2.GaussianBlur(grey, (3, 3), 0))
        _, mask = cv2.threshold(mask, 200, 255, cv2.THRESH_BINARY)
        mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_RECT, (3, 3)))
        return cv2.morphologyEx(mask, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_RECT, (7, 7)))

    def _boxes(self, mask: Any) -> list[Box]:
        """Boxes of the parts of a mask that are large enough, the largest first."""
        count, _, parts, _ = self._cv2.connectedComponentsWithStats(mask)
        found = [[*map(int, parts[one])] for one in range(1, count) if parts[one][4] >= LEAST * mask.size]
        return [Box(*part[:4]) for part in sorted(found, key=lambda part: -part[4])]

    def _follow(self, boxes: list[Box]) -> list[_Object]:
        """Give each box to the object that is expected nearest to it, or to a new one."""
        look = self._learned
        free = [one for one in self._objects if look - one.look <= FORGOTTEN + 1]
        kept, here = list(free), []
        for box in boxes:
            far, at = min(((one.distance(box, look), at) for at, one in enumerate(free)), default=(2.0, 0))
            if far <= 1:
                seen = free.pop(at)
                seen.move(box, look)
            else:
                self._count += 1
                seen = _Object(self._count, box, look)
                kept.append(seen)
            here.append(seen)
        self._objects = kept
        return here
