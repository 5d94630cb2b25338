"""Makes documents of the corpus as iWork and WordPerfect write them."""

import datetime
import gzip
import struct

from archive_kinds import zip_of
from numbers_parser import Document
from office_kinds import write_compound


def varint(number):
    """A number of variable length, as Protocol Buffers write it."""
    digits = bytearray()
    while number > 0x7f:
        digits.append(number & 0x7f | 0x80)
        number >>= 7
    return bytes([*digits, number])


def field(number, value):
    """A field of a message: a number, or bytes."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def texts(number, *lines):
    """A field of a message for each text."""
    return b"".join(field(number, line.encode()) for line in lines)


def part(*objects):
    """A part of iWork: objects of a number, a type and a message, in blocks of 40 bytes, which are shorter
    than those of iWork, so that objects begin in one block and end in another."""
    content = b""
    for number, kind, message in objects:
        header = field(1, number) + field(2, field(1, kind) + field(3, len(message)))
        content += varint(len(header)) + header + message
    blocks = (content[start:start + 40] for start in range(0, len(content), 40))
    packed = (varint(len(block)) + bytes([(len(block) - 1) << 2]) + block for block in blocks)
    return b"".join(b"\0" + len(block).to_bytes(3, "little") + block for block in packed)


def cells(*lines):
    """The list of the texts of cells, the last one first, as Numbers may store them."""
    entries = [field(3, field(1, key) + texts(3, line)) for key, line in enumerate(lines, 1)]
    return field(1, 1) + b"".join(reversed(entries))


def slide(number, *lines):
    """The part of a slide with paragraphs."""
    return part((number, 5, field(1, field(1, 9))), *((number + 1, 2001, texts(3, line)) for line in lines))


def make_iwork(expect, words, preview):
    """Makes documents of Pages, Numbers and Keynote. `preview` is a PDF."""
    (german, second, _), (greek, *_), (japanese, *_) = words["german"], words["greek"], words["japanese"]
    body = part((1, 2001, texts(3, "\x05" + german + "\u2029" + greek)), (2, 3056, texts(1, "Ask the harbour master")))
    styles = part((3, 2001, texts(3, "Style of a heading")))
    pages = {"Index/Document.iwa": body, "Index/DocumentStylesheet.iwa": styles, "preview.jpg": b"\xff\xd8\xff"}
    found = [german, greek, "Ask the harbour master"]
    expect("letter.pages", "iwork", found, absent=["Style of a heading"]).write_bytes(zip_of(pages))
    locked = {**pages, ".iwpv2": b"\x02", "Index/Document.iwa": bytes(100)}
    expect("password.pages", "iwork", no_text="encrypted").write_bytes(zip_of(locked))
    folder = {"My theme.pages/Index.zip": zip_of(pages), "My theme.pages/Metadata/Properties.plist": b""}
    expect("folder.pages", "iwork", found).write_bytes(zip_of(folder))
    among = {"berths.txt": second.encode(), **{f"letters/{name}": content for name, content in pages.items()}}
    expect("among-others.zip", "archive", ["berths.txt", second]).write_bytes(zip_of(among))
    previewed = {"Index/Document.iwa": part(), "QuickLook/Preview.pdf": preview}
    expect("preview.pages", "iwork", [words["english"][0]]).write_bytes(zip_of(previewed))
    sheet = part((1, 2, texts(1, "Berths of the harbour")), (2, 6001, texts(8, "Dues of the summer")))
    numbers = {"Index/Document.iwa": sheet, "Index/Tables/DataList.iwa": part((3, 6005, cells(second, japanese)))}
    found = ["Berths of the harbour Dues of the summer", f"{second} {japanese}"]
    expect("dues.numbers", "iwork", found).write_bytes(zip_of(numbers))
    deck = field(3, b"".join(field(2, field(1, node)) for node in (31, 32)))
    show = part((1, 2, field(1, field(1, 9)) + deck), *((n, 4, field(2, field(1, n + 10))) for n in (32, 31)))
    slides = {"Index/Document.iwa": show, "Index/Slide-1.iwa": slide(42, second), "Index/Slide-2.iwa": slide(41, german),
              "Index/MasterSlide-1.iwa": slide(70, "Title of a layout")}
    expect("talk.key", "iwork", [f"{german} {second}"], absent=["Title of a layout"]).write_bytes(zip_of(slides))


def make_numbers(expect, words):
    """Makes a document of Numbers with values of all types."""
    (german, *_), (greek, *_) = words["german"], words["greek"]
    document = Document(sheet_name="Berths", table_name="Dues", num_rows=4, num_cols=3)
    day, duration = datetime.datetime(2024, 3, 5, 10), datetime.timedelta(hours=2)
    values = [german, 310, -275.5, greek, 1e20, 0.1, True, day, duration, "Sum", 0, False]
    for place, value in enumerate(values):
        document.sheets[0].tables[0].write(place // 3, place % 3, value)
    rows = [f"{german} 310 -275.5", f"{greek} 100000000000000000000 0.1", "TRUE 2024-03-05 7200", "Sum 0 FALSE"]
    document.save(expect("values.numbers", "iwork", ["Berths Dues", " ".join(rows)]))


def make_old_iwork(expect, words):
    """Makes documents of Pages and Keynote 2009, which are XML."""
    german, second, _ = words["german"]
    namespaces = 'xmlns:sf="http://developer.apple.com/namespaces/sf" xmlns:sfa="http://developer.apple.com/namespaces/sfa"'
    table = f'<sf:tabular-model sf:name="Dues"><sf:ct sfa:s="{second}"/><sf:n sf:v="275"/></sf:tabular-model>'
    xml = f'<sl:document {namespaces} xmlns:sl="urn:sl"><sl:stylesheet><sf:p>Style of a heading</sf:p></sl:stylesheet>' \
          f"<sf:p>{german}<sf:br/></sf:p>{table}</sl:document>"
    parts = {"index.xml": xml.encode(), "buildVersionHistory.plist": b"<plist/>", "QuickLook/Thumbnail.jpg": b"\xff\xd8\xff"}
    found = [german, f"Dues {second} 275"]
    expect("letter-2009.pages", "iwork", found, absent=["Style of a heading", "Thumbnail"]).write_bytes(zip_of(parts))
    locked = packed_by(25452, zip_of({"index.apxl": bytes(100), "buildVersionHistory.plist": b""}))
    expect("password-2009.key", "iwork", no_text="encrypted").write_bytes(locked)
    packed = gzip.compress(xml.encode(), mtime=0)
    expect("talk-2008.key", "iwork", found).write_bytes(zip_of({"index.apxl.gz": packed, "Contents/PkgInfo": b"????"}))


def packed_by(method, archive):
    """The archive of one file, which says that it is packed by a method."""
    content = bytearray(archive)
    for sign, place in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        start = archive.index(sign) + place
        content[start:start + 2] = method.to_bytes(2, "little")
    return bytes(content)


def wordperfect(generation, codes, directory=b"", key=0):
    """A document of WordPerfect with these codes, and with a directory of packets before them."""
    start = 16 + len(directory)
    return b"\xffWPC" + struct.pack("<IBBBBHH", start, 1, 10, generation, 0, key, 16) + directory + codes


def signs(line, table, function):
    """The codes of a line. `table` gives the number and the set of each character that is not ASCII."""
    return b"".join(c.encode() if c.isascii() else bytes([function, *table[c], function]) for c in line)


def make_wordperfect(expect, words):
    """Makes documents of WordPerfect 5 and 6."""
    german, second, _ = words["german"]
    table = {"Ä": (30, 1), "ä": (31, 1), "Ö": (62, 1), "ö": (63, 1), "Ü": (70, 1), "ü": (71, 1), "ß": (23, 1), "’": (28, 4), "М": (26, 10), "у": (41, 10)}
    note = b"\0\x01\0\0" + bytes(11) + signs("Paid in March.", table, 0xc0)
    header = bytes(7) + b"\x01" + bytes(10) + signs("Harbour of Westport", table, 0xc0)
    functions = b"".join(
        bytes([code, kind]) + struct.pack("<H", len(content) + 4) + content + struct.pack("<H", len(content) + 4) + bytes([kind, code])
        for code, kind, content in [(0xd5, 0, header), (0xd6, 0, note)])
    line = signs(german, table, 0xc0).replace(b" ", b"\x0d", 1).replace(b" ", b"\xa0", 1)
    codes = b"\xc3\x0c\xc3" + functions + line + b"\xc4\x0c\xc4\x0a" + signs("The sweep’s Му", table, 0xc0)
    found = [f"{german} The sweep’s Му", "Harbour of Westport", "Paid in March."]
    expect("letter-5.wpd", "word_perfect", found).write_bytes(wordperfect(0, codes))
    aside = struct.pack("<HII", 1, 10, 14) + b"Paid\x80in\x80March."
    directory = struct.pack("<HHxxxxxxxxxx", 0, 2) + struct.pack("<BBHHII", 0, 8, 1, 0, len(aside), 44) + aside
    tab = b"\xe0\x10\x0c\0" + bytes(5) + b"\x0c\0\xe0"
    line = signs(second, table, 0xf0).replace(b" ", b"\xcf", 1).replace(b" ", b"\x80").replace(signs("ü", table, 0xf0), b"\x1c")
    codes = b"\xd4\x01\x0b\0" + bytes(4) + b"\x0b\0\xd4" + b"\xf1\0\1\0\xf1Struck\xf1\1\1\0\xf1" + line + b"\xcc" + b"Berth" + tab + b"42\xd0\x0a\x0b\0" + bytes(4) + b"\x0b\0\xd0Dues\x84free"
    found = [second, "Berth 42 Dues-free", "Paid in March."]
    letter = wordperfect(2, codes, directory)
    expect("letter-6.wpd", "word_perfect", found, absent=["Struck"]).write_bytes(letter)
    write_compound(expect("compound.wpd", "word_perfect", found), {"PerfectOffice_MAIN": letter})
    expect("password.wpd", "word_perfect", no_text="encrypted").write_bytes(wordperfect(2, bytes(100), key=0x4711))


def make(expect, words, preview):
    """Makes all documents."""
    make_iwork(expect, words, preview)
    for make_kind in (make_numbers, make_old_iwork, make_wordperfect):
        make_kind(expect, words)
