"""Makes the files of the corpus that no program at hand writes: Office formats with the parts, code pages and
protections of other programs. Each format is written record by record, as its specification says."""

import struct
import zipfile
import zlib

from extract_msg import OleWriter
from msoffcrypto.format.ooxml import OOXMLFile

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
OPEN = "urn:oasis:names:tc:opendocument:xmlns:"
# What the compressor of rich text in messages has written before a document begins.
RICH_START = (rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript "
              rb"\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0" b"\r\n"
              rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx")


def write_zip(path, parts):
    """Writes an archive of these parts, in their order."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content)


def relations(*targets):
    """The relationships to parts: their kinds and names."""
    lines = "".join(f'<Relationship Id="r{at}" Type="{RELATIONS}/{kind}" Target="{name}"/>' for at, (kind, name) in enumerate(targets))
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{lines}</Relationships>'


def write_compound(path, streams):
    """Writes a compound file of these streams."""
    writer = OleWriter()
    for name, data in streams.items():
        for place, letter in enumerate(name):
            storage = name[:place]
            if letter == "/" and storage not in writer.made:
                writer.made.add(storage)
                writer.addEntry(storage, storage=True)
        writer.addEntry(name, data)
    writer.write(str(path))


OleWriter.made = property(lambda writer: writer.__dict__.setdefault("_made", set()))


def escape(text, page):
    """Text as rich text in a code page."""
    return "".join(rf"\'{byte:02x}" for byte in text.encode(page))


def make_rich_text(expect, words):
    """Makes rich text in code pages and with characters of other programs."""
    def write(name, head, body, phrases):
        expect(name, "rtf", phrases).write_bytes(("{\\rtf1" + head + body + "\\par}").encode("latin-1"))
    for name, page, number in [("japanese-932", "cp932", 932), ("chinese-936", "gbk", 936), ("korean-949", "cp949", 949), ("russian-65001", "utf-8", 65001)]:
        line = words[name.split("-", maxsplit=1)[0]][0]
        write(f"{name}.rtf", rf"\ansi\ansicpg{number}{{\fonttbl{{\f0\fnil X;}}}}\f0 ", escape(line, page), [line])
    for name, page, charset in [("polish", "cp1250", 238), ("russian", "cp1251", 204), ("greek", "cp1253", 161), ("arabic", "cp1256", 178), ("japanese", "cp932", 128)]:
        line = words[name][0]
        fonts = rf"{{\fonttbl{{\f0\fnil\fcharset0 Arial;}}{{\f1\fnil\fcharset{charset} X;}}}}"
        write(f"{name}-font.rtf", rf"\ansi\ansicpg1252\deff0{fonts}", rf"\f0 Nr 7: \f1 {escape(line, page)}", [f"Nr 7: {line}"])
    for name, head, page in [("french-mac", r"\mac", "mac_roman"), ("german-850", r"\pca", "cp850"), ("german-437", r"\pc", "cp437")]:
        line = words[name.split("-", maxsplit=1)[0]][0]
        write(f"{name}.rtf", head + r"{\fonttbl{\f0 Times;}}\f0 ", escape(line, page), [line])
    russian, western = words["russian"][0], r"{\fonttbl{\f0\fcharset0 Arial;}}\f0 "
    write("russian-western-font.rtf", r"\ansi\ansicpg1251" + western, escape(russian, "cp1251") + r"\par caf\'e9", [russian, "café"])
    write("russian-language.rtf", r"\ansi\deflang1049" + western, escape(russian, "cp1251"), [russian])
    write("russian-named-font.rtf", r"\ansi{\fonttbl{\f0 Arial CYR;}}\f0 ", escape(russian, "cp1251"), [russian])
    write("korean-1361.rtf", r"\ansi{\fonttbl{\f0\fcharset130 X;}}\f0 ", escape(words["korean"][0], "johab"), words["korean"][:1])
    write("german-utf8.rtf", r"\ansi\ansicpg1252" + western, words["german"][0].encode().decode("latin-1"), words["german"][:1])
    write("japanese-raw.rtf", r"\ansi\ansicpg932{\fonttbl{\f0 X;}}\f0 ", "日本語の本".encode("cp932").decode("latin-1"), ["日本語の本"])
    fonts = r"{\fonttbl{\f0\fcharset0 X;}{\f1\fcharset178 Y;}}"
    write("arabic-complex-font.rtf", r"\ansi" + fonts, r"\ltrch\f0 Nr \rtlch\af1 " + escape(words["arabic"][0], "cp1256"), words["arabic"][:1])
    signs = r"{\loch\f0\*\cs7 e\_mail} one\emspace two\~three and Donau\-dampf {\v unseen}{\deleted removed}" \
            r"{\object\objemb{\*\objdata 0102}{\result Sum of the berth}} {\shp{\*\shpinst{\sp{\sn a}{\sv 202}}{\shptxt In a box}}}end"
    write("signs.rtf", r"\ansi{\fonttbl{\f0 Times;}}", signs, ["e-mail one two three and Donaudampf Sum of the berth end", "In a box"])
    expect("blank-lead.rtf", "rtf", ["Berth 42"]).write_bytes(b"\xef\xbb\xbf\r\n{\\rtf1\\ansi Berth 42\\par}")


def compress_rich_text(text):
    """Compresses rich text as messages have it, with a reference to each word of the start that occurs."""
    items, rest = [], text
    while rest:
        length = next((n for n in range(17, 1, -1) if len(rest) >= n and rest[:n] in RICH_START), 1)
        place = RICH_START.find(rest[:length]) if length > 1 else 0
        items.append(rest[:1] if length == 1 else struct.pack(">H", place << 4 | length - 2))
        rest = rest[length:]
    items.append(struct.pack(">H", (len(RICH_START) + len(text)) % 4096 << 4))
    content = b""
    for start in range(0, len(items), 8):
        group = items[start:start + 8]
        content += bytes([sum((len(item) == 2) << bit for bit, item in enumerate(group))]) + b"".join(group)
    return struct.pack("<II4sI", len(content) + 12, len(text), b"LZFu", 0) + content


def write_message(path, texts, numbers=(), page=None, streams=None):
    """Writes a message of Outlook. Its texts are in a code page, or in Unicode."""
    data, properties = {}, b""
    for tag, value in texts:
        kind = 0x0102 if isinstance(value, bytes) else 0x001E if page else 0x001F
        value = value if isinstance(value, bytes) else value.encode(page or "utf-16-le")
        data[f"__substg1.0_{tag:04X}{kind:04X}"] = value
        properties += struct.pack("<HHIII", kind, tag, 6, len(value), 0)
    for tag, value in numbers:
        properties += struct.pack("<HHIII", 0x0003, tag, 6, value, 0)
    write_compound(path, {**data, "__properties_version1.0": bytes(32) + properties, **(streams or {})})


def make_messages(expect, words):
    """Makes messages of Outlook whose bodies are in code pages, HTML or rich text."""
    russian, german = words["russian"], words["german"]
    write_message(expect("russian-ansi.msg", "email", russian[:2]), [(0x0037, russian[0]), (0x1000, russian[1])], [(0x3FFD, 1251)], "cp1251")
    write_message(expect("russian-locale.msg", "email", russian[:1]), [(0x1000, russian[0])], [(0x3FF1, 0x0419)], "cp1251")
    page = f"<html><head><title>x</title></head><body><p>{german[0]}</p></body></html>".encode()
    write_message(expect("html-only.msg", "email", [german[0]]), [(0x0037, "Order"), (0x1000, " \r\n"), (0x1013, page)], [(0x3FDE, 65001)])
    rich = rf"{{\rtf1\ansi\ansicpg1252\pard {escape(german[0], 'cp1252')}\par}}".encode()
    write_message(expect("rich-text-only.msg", "email", [german[0]]), [(0x0037, "Order"), (0x1009, compress_rich_text(rich))])
    html = rf"{{\rtf1\ansi\ansicpg1252\fromhtml1 {{\*\htmltag64 <p>}}{escape(german[0], 'cp1252')}{{\*\htmltag72 </p>}}\htmlrtf \par unseen\htmlrtf0}}"
    write_message(expect("html-in-rich-text.msg", "email", [german[0]]), [(0x1009, compress_rich_text(html.encode()))])
    write_message(expect("russian-no-page.msg", "email", russian[:2]), [(0x0037, russian[0]), (0x1000, russian[1])], [(0x3FF1, 0x0409)], "cp1251")
    write_message(expect("untrue-page.msg", "email", german[:2]), [(0x1000, german[0]), (0x1013, f"<p>{german[0]}</p><p>{german[1]}</p>".encode())],
                  [(0x3FFD, 1252), (0x3FDE, 1252)], "utf-8")
    names = {f"__nameid_version1.0/__substg1.0_{tag:04X}0102": data for tag, data in [(2, bytes(16)), (3, struct.pack("<IHH", 0x8208, 6, 0)), (4, b"")]}
    write_message(expect("appointment.msg", "email", ["Ada; Bo", "Quay four", german[0]]),
                  [(0x0E04, "Ada; Bo"), (0x8000, "Quay four"), (0x1000, german[0])], streams=names)
    write_message(expect("contact.msg", "email", ["Ada", "Harbour office", "+49 30 12"]), [(0x0037, "Ada"), (0x3A16, "Harbour office"), (0x3A08, "+49 30 12")])
    inner = "__attach_version1.0_#00000000/__substg1.0_3701000D"
    body = "".join(german[:1]).encode("utf-16-le")
    nested = {f"{inner}/__properties_version1.0": bytes(24), f"{inner}/__substg1.0_1000001F": body}
    write_message(expect("nested.msg", "email", ["See below", german[0]]), [(0x1000, "See below")], streams=nested)
    second = {name.replace("#00000000", "#00000001"): german[1].encode("utf-16-le") if "1000001F" in name else data for name, data in nested.items()}
    write_message(expect("two-nested.msg", "email", [f"{german[0]} {german[1]}"]), [(0x1000, "See below")], streams={**nested, **second})


def make_open_documents(expect, words):
    """Makes OpenDocument files of other types, with headers, deletions, drawings and marks within words."""
    spaces = " ".join(f'xmlns:{name}="{OPEN}{uri}:1.0"' for name, uri in [("office", "office"), ("text", "text"), ("table", "table"), ("draw", "drawing"), ("style", "style")])
    def content(kind, body, root="document-content"):
        content = f'<office:body><office:{kind}>{body}</office:{kind}></office:body>'
        return f'<office:{root} {spaces}>{content}</office:{root}>'
    def write(name, kind, mime, body, phrases, **parts):
        first = {"mimetype": mime} if mime else {}
        root = {"odt": "text", "ods": "spreadsheet", "odg": "drawing"}[kind]
        write_zip(expect(name, kind, phrases), {**first, "content.xml": content(root, body), **{f"{part}.xml": xml for part, xml in parts.items()}})
    own, old = "application/vnd.oasis.opendocument.", "application/vnd.sun.xml."
    line = words["french"][0]
    paragraph = f"<text:p>{line}</text:p>"
    write("template.ott", "odt", own + "text-template", paragraph, [line])
    write("without-type.odt", "odt", "", paragraph, [line])
    write("writer.sxw", "odt", old + "writer", paragraph, [line])
    sheet = f'<table:table table:name="Crew list"><table:table-row><table:table-cell>{paragraph}</table:table-cell></table:table-row></table:table>'
    write("template.ots", "ods", own + "spreadsheet-template", sheet, ["Crew list", line])
    write("drawing.odg", "odg", own + "graphics", f'<draw:page><draw:frame><draw:text-box>{paragraph}</draw:text-box></draw:frame></draw:page>', [line])
    header = f"<office:document-styles {spaces}><office:master-styles><style:master-page><style:header>{paragraph}</style:header></style:master-page></office:master-styles></office:document-styles>"
    write("header.odt", "odt", own + "text", "<text:p>Body</text:p>", ["Body", line], styles=header)
    deleted = "<text:tracked-changes><text:changed-region><text:deletion><text:p>removed</text:p></text:deletion></text:changed-region></text:tracked-changes>"
    marks = '<text:p>un<text:bookmark text:name="a"/>believ<text:span>able</text:span><text:s/><text:ruby><text:ruby-base>漢字</text:ruby-base>' \
            '<text:ruby-text>かな</text:ruby-text></text:ruby> note' \
            '<text:note><text:note-citation>1</text:note-citation>' \
            '<text:note-body><text:p>Below</text:p></text:note-body></text:note>d</text:p>'
    write("marks.odt", "odt", own + "text", deleted + marks, ["unbelievable 漢字 noted", "Below"])
    picture = "<text:p><draw:frame><draw:image><office:binary-data>iVBORw0KGgo</office:binary-data></draw:image></draw:frame></text:p>"
    expect("flat.fodt", "xml", [line]).write_text(content("text", picture + paragraph, "document"))


def make_open_xml(expect, words):
    """Makes Office Open XML with parts of other names, and with what other programs write in them."""
    def write(name, kind, main, phrases, parts):
        write_zip(expect(name, kind, phrases), {"_rels/.rels": relations(("officeDocument", main)), **parts})
    def document(body):
        return f'<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>'
    def run(text):
        return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'
    line = words["german"][0]
    write("named-part.docx", "docx", "word/document2.xml", [line], {"word/document2.xml": document(f"<w:p>{run(line)}</w:p>")})
    marks = f'<w:p>{run("Left")}<w:r><w:ptab w:alignment="right"/></w:r>{run("right")}<w:r><w:cr/><w:ruby><w:rt>{run("かな")}</w:rt><w:rubyBase>{run("漢字")}</w:rubyBase></w:ruby>' \
            f'<w:t>e</w:t><w:noBreakHyphen/><w:t>mail</w:t></w:r><w:del>{run("removed")}</w:del><w:r><w:rPr><w:vanish/></w:rPr><w:t>unseen</w:t></w:r></w:p>'
    write("marks.docx", "docx", "word/document.xml", ["Left right 漢字e-mail", "Note"], {
        "word/Document.xml": document(marks), "word\\_rels\\document.xml.rels": relations(("footnotes", "footnotes.xml")),
        "word\\footnotes.xml": document(f"<w:p>{run('Note')}</w:p>")})
    book = f'<workbook xmlns="{SHEET}" xmlns:r="{RELATIONS}"><sheets><sheet name="Crew list" sheetId="1" r:id="r0"/></sheets></workbook>'
    cells = f'<worksheet xmlns="{SHEET}"><sheetData><row><c t="s"><v>0</v></c><c s="1"><v>45356.5</v></c><c s="2"><v>0.19</v></c></row></sheetData></worksheet>'
    strings = f'<sst xmlns="{SHEET}"><si><t>first_x000D_second _x005F_x0041_</t><rPh><t>かな</t></rPh></si></sst>'
    styles = f'<styleSheet xmlns="{SHEET}"><numFmts><numFmt numFmtId="164" formatCode="dd\\.mm\\.yy hh:mm"/></numFmts><cellXfs><xf/><xf numFmtId="164"/><xf numFmtId="9"/></cellXfs></styleSheet>'
    box = f'<d xmlns:a="{DRAWING}"><a:p><a:r><a:t>In a</a:t></a:r></a:p><a:p><a:r><a:t>box</a:t></a:r></a:p></d>'
    write("escapes.xlsx", "xlsx", "xl/book.xml", ["Crew list first second _x0041_ 2024-03-05 12:00:00 19%", "In a box"], {
        "xl/book.xml": book, "xl/_rels/book.xml.rels": relations(("worksheet", "sheet.xml"), ("sharedStrings", "strings.xml"), ("styles", "styles.xml")),
        "xl/sheet.xml": cells, "xl/strings.xml": strings, "xl/styles.xml": styles, "xl/_rels/sheet.xml.rels": relations(("drawing", "box.xml")), "xl/box.xml": box})
    page = f"<PageContents><Shapes><Shape><Text>{line}</Text></Shape></Shapes></PageContents>"
    write("drawing.vsdx", "visio", "visio/document.xml", ["Quay", line], {
        "visio/document.xml": "<VisioDocument/>", "visio/pages/pages.xml": '<Pages><Page Name="Quay"/></Pages>', "visio/pages/page1.xml": page})
    glyphs = "".join(f'<Glyphs OriginX="{at}" OriginY="{height}" UnicodeString="{text}"/>' for at, height, text in [(9, 20, "Berth"), (50, 20, "42"), (9, 40, "{}{" + line + "}")])
    write("print.xps", "xps", "FixedDocumentSequence.fdseq", ["Berth 42 {" + line + "}"], {
        "FixedDocumentSequence.fdseq": "<FixedDocumentSequence/>", "Documents/1/Pages/1.fpage": f"<FixedPage>{glyphs}</FixedPage>"})
    def record(kind, data=b""):
        head = bytes([kind]) if kind < 128 else bytes([kind & 127 | 128, kind >> 7])
        return head + bytes([len(data)]) + data
    def string(text):
        return struct.pack("<I", len(text)) + text.encode("utf-16-le")
    parts = {"xl/workbook.bin": record(131) + record(143) + record(156, struct.pack("<II", 0, 1) + string("r0") + string("Crew list")) + record(144) + record(132),
             "xl/_rels/workbook.bin.rels": relations(("worksheet", "sheet.bin")),
             "xl/sheet.bin": record(129) + record(145) + record(0, struct.pack("<IIHHBI", 0, 0, 255, 0, 0, 0)) + record(6, struct.pack("<II", 0, 0) + string("Berth 42")) + record(146) + record(130)}
    write("binary.xlsb", "xlsb", "xl/workbook.bin", ["Crew list", "Berth 42"], parts)


def record97(kind, data, instance=0):
    """A record of PowerPoint 97. A list of records makes one that contains them."""
    head = instance << 4 | (15 if isinstance(data, list) else 0)
    data = b"".join(data) if isinstance(data, list) else data
    return struct.pack("<HHI", head, kind, len(data)) + data


def make_slides97(expect, words):
    """Makes a presentation of PowerPoint 97 with notes and a comment, with an older version left over."""
    def text(line, instance=0, kind=4000):
        return record97(kind, line.encode("utf-16-le"), instance)
    def page(kind, line, *more):
        shape = record97(0xF004, [record97(0xF00D, [text(line)])])
        return record97(kind, [record97(0x40C, [record97(0xF002, [record97(0xF003, [shape])])]), *more])
    comment = record97(12000, [text(name, at, 4026) for at, name in enumerate(["Ada", "Ask the harbour master", "A"])])
    tags = record97(5000, [record97(5002, [text("___PPT10", 0, 4026), record97(5003, comment)])])
    lists = [record97(4080, [record97(1011, struct.pack("<IIIII", number, 0, 0, 256, 0))], kind) for kind, number in [(0, 2), (2, 3)]]
    pages = [page(1006, "Old words"), record97(1000, lists), page(1006, words["french"][0], tags), page(1008, words["russian"][0])]
    places = [sum(map(len, pages[:at])) for at in range(5)]
    stream = b"".join(pages) + record97(6002, struct.pack("<IIII", 3 << 20 | 1, *places[1:4]))
    user = struct.pack("<HHIIII", 0, 4086, 20, 20, 0xE391C05F, len(stream))
    stream += record97(4085, struct.pack("<IIIIIII", 0, 0, 0, places[4], 1, 4, 0))
    streams = {"PowerPoint Document": stream.ljust(4200, b"\0"), "Current User": user}
    write_compound(expect("notes.ppt", "office97", [words["french"][0], words["russian"][0], "Ask the harbour master"]), streams)
    streams["Current User"] = user.replace(struct.pack("<I", 0xE391C05F), struct.pack("<I", 0xF3D1C4DF))
    write_compound(expect("encrypted.ppt", "office97", no_text="encrypted"), streams)


def make_office97(expect, words):
    """Makes documents of Word 95 in code pages, workbooks of Excel 97 with text boxes, and encrypted ones."""
    for name, page, charset in [("russian", "cp1251", 204), ("japanese", "cp932", 128)]:
        data = words[name][0].encode(page)
        font = bytes([9, 0, 0, 0, charset, 0]) + b"Arial\0"[:4]
        table = struct.pack("<H", 2 + len(font)) + font
        head = bytearray(0x400)
        head[:4], head[6:8] = b"\xdc\xa5\x68\0", b"\x09\x04"
        struct.pack_into("<II", head, 0x18, 0x400, 0x400 + len(data))
        struct.pack_into("<II", head, 0xD0, 0x400 + len(data), len(table))
        write_compound(expect(f"{name}-95.doc", "office97", [words[name][0]]), {"WordDocument": (bytes(head) + data + table).ljust(4200, b"\0")})
    head = bytearray(4200)
    head[:4], head[10:12] = b"\xec\xa5\xc1\0", b"\0\x01"
    write_compound(expect("encrypted.doc", "office97", no_text="encrypted"), {"WordDocument": bytes(head), "0Table": bytes(4200)})
    def record(kind, data=b""):
        return struct.pack("<HH", kind, len(data)) + data
    def start(kind):
        return record(0x809, struct.pack("<HHHHII", 0x600, kind, 0, 0, 0, 0))
    def line(text):
        return struct.pack("<HB", len(text), 1) + text.encode("utf-16-le")
    greek = words["greek"][0]
    def book(protection):
        sheet = struct.pack("<IHB", 0, 0, 4) + b"\0Crew"
        length = len(start(5) + protection + record(0x85, sheet) + record(10))
        globals97 = start(5) + protection + record(0x85, struct.pack("<I", length) + sheet[4:]) + record(10)
        box = record(0x5D, struct.pack("<HHHH", 0x15, 18, 6, 1) + bytes(14) + bytes(4)) + record(0x1B6, bytes(10) + struct.pack("<HHI", len(greek), 16, 0))
        box += record(0x3C, line(greek)[2:]) + record(0x3C, bytes(16))
        cells = start(16) + record(0x14, line("&CHeader")) + record(0x204, bytes(6) + line("Berth 42")) + box + record(10)
        return {"Workbook": (globals97 + cells).ljust(4200, b"\0")}
    write_compound(expect("text-box.xls", "office97", ["Berth 42", greek, "Header"]), book(b""))
    write_compound(expect("encrypted.xls", "office97", no_text="encrypted"), book(record(0x2F, struct.pack("<HHH", 1, 1, 1) + bytes(range(48)))))


def make_workbooks95(expect, words):
    """Makes a workbook of Excel 95 in a code page, with a comment and a header."""
    def record(kind, data):
        return struct.pack("<HH", kind, len(data)) + data
    cell, note = words["japanese"][0].encode("cp932"), words["japanese"][1].encode("cp932")
    start = record(0x809, struct.pack("<HHHH", 0x500, 5, 0xDBB, 1996)) + record(0x42, struct.pack("<H", 932))
    end = record(0x0A, b"")
    sheet = record(0x809, struct.pack("<HHHH", 0x500, 0x10, 0xDBB, 1996)) + record(0x14, b"\x06&CHead") \
        + record(0x204, struct.pack("<HHHH", 0, 0, 0, len(cell)) + cell) + record(0x1C, struct.pack("<HHH", 0, 0, len(note)) + note) + end
    name = "表".encode("cp932")
    place = len(start) + 4 + 7 + len(name) + len(end)
    book = start + record(0x85, struct.pack("<IHB", place, 0, len(name)) + name) + end + sheet
    write_compound(expect("japanese-95.xls", "office97", ["表", *words["japanese"][:2], "Head"]), {"Book": book.ljust(4200, b"\0")})


def make_others(expect, words):
    """Makes documents of Publisher and of Hangul."""
    text = words["german"][0].encode("utf-16-le")
    entry = b"\x18\0TEXT" + bytes(6) + b"TEXT" + struct.pack("<II", 56, len(text))
    contents = b"CHNKINK ".ljust(32, b"\0") + entry + text
    write_compound(expect("german.pub", "publisher", [words["german"][0]]), {"Quill/QuillSub/CONTENTS": contents.ljust(4200, b"\0")})
    text = words["korean"][0].encode("utf-16-le")
    section = zlib.compress(struct.pack("<I", len(text) << 20 | 67) + text, wbits=-15)
    header = b"HWP Document File".ljust(32, b"\0") + struct.pack("<II", 0x05000300, 1)
    write_compound(expect("korean.hwp", "hangul", words["korean"][:1]), {"FileHeader": header.ljust(256, b"\0"), "BodyText/Section0": section})
    section = f'<hs:sec xmlns:hs="s" xmlns:hp="p"><hp:p><hp:run><hp:t>{words["korean"][0]}</hp:t></hp:run></hp:p></hs:sec>'
    write_zip(expect("korean.hwpx", "hangul", words["korean"][:1]), {"mimetype": "application/hwp+zip", "Contents/section0.xml": section})


def make(expect, words, book):
    """Makes all files. `expect` records what is expected of one, and `book` is a workbook to encrypt."""
    for part in (make_rich_text, make_messages, make_open_documents, make_open_xml, make_slides97,
                 make_office97, make_workbooks95, make_others):
        part(expect, words)
    with book.open("rb") as plain, expect("default-password.xlsx", "office97", ["Sea Holly"]).open("wb") as encrypted:
        OOXMLFile(plain).encrypt("VelvetSweatshop", encrypted)
