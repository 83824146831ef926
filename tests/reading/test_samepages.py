"""A page that differs only where nobody sees it is read once, and never shown as another one was."""

import random

from hypothesis import given
from hypothesis import strategies as st

from probe.masking import Mask
from probe.reading.page import _view
from probe.reading.samepages import SamePages

# Of letters alone, an id is a word, and stays in a title.
IDS = st.sampled_from(
    ["0123456789abcdef", "00000000-1111-4222-8333-444444444444", "deadbeefdeadbeef", "facefeedfacefeed"]
)
NONCES = st.sampled_from(["r4nd0m+Value/1==", "0therRandomValue", "0123456789abcdef", ""])
# One place for each way in which a value may or may not be seen.
PLACES = (
    '<meta name=request-id content="{id}">',
    '<script nonce=\'{nonce}\'>boot = {{"requestId": "{id}"}}</script>',
    '<script nonce="{nonce}" src="{id}"></script>',
    '<p>Request "{id}" failed</p>',
    '<h1 title="{id}">"{nonce}"</h1>',
    '<title>"{id}"</title>',
    '<input name="{id}" type="text">',
)
PARTS = st.lists(st.tuples(st.integers(0, len(PLACES) - 1), IDS, NONCES), min_size=1, max_size=4)


def page(parts):
    return "<html>" + "".join(PLACES[place].format(id=value, nonce=nonce) for place, value, nonce in parts)


@given(st.lists(PARTS, min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_a_view_is_what_reading_the_page_itself_gives(pages, order):
    shapes = [[place for place, _value, _nonce in parts] for parts in pages[:2]]
    mask, same = Mask(), SamePages(_view)
    for parts in pages:
        shape = order.choice(shapes)
        mixed = page([(place, *parts[number % len(parts)][1:]) for number, place in enumerate(shape)])
        assert same.view(mixed, mask) == _view(mixed, mask)


def reads_of(pages, runs=1):
    read, masks = [], [Mask() for _ in range(runs)]

    def reader(text, mask):
        read.append(text)
        return _view(text, mask)

    same = SamePages(reader)
    for number, text in enumerate(pages):
        same.view(text, masks[number % len(masks)])
    return len(read)


def hexadecimal(rng):
    return f"{rng.getrandbits(128):032x}"


def test_a_wall_with_fresh_ids_is_read_twice_however_often_it_comes():
    rng = random.Random(5)  # noqa: S311 - test data
    walls = [page([(0, hexadecimal(rng), ""), (1, hexadecimal(rng), hexadecimal(rng))]) for _ in range(40)]
    assert reads_of(walls) == 2


def test_each_run_reads_its_own_pages_as_each_has_its_own_mask():
    walls = [page([(0, "0123456789abcdef", "")])] * 40
    assert reads_of(walls, runs=2) == 2


def test_pages_of_many_texts_do_not_stay():
    texts = [f"<title>Cannot GET /{number}</title>" for number in range(50)]
    assert reads_of([*texts, texts[0]]) == 51
