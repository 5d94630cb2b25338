"""Makes PDF files that say one thing each in the ways in which programs write it: turned pages, placed words,
columns, scripts, fonts, damage. Most are written byte by byte, because no program writes all of them."""

import io
import zlib

import fpdf
import pikepdf
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen import canvas

HELVETICA = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"
LINES = ["The tide table hangs in the", "window of the harbour office.", "Boats may leave from six in", "the morning until nightfall."]
WHOLE = " ".join(LINES)


def stream(data, entries=""):
    """A stream object."""
    data = data.encode("latin-1") if isinstance(data, str) else data
    return f"<<{entries}/Length {len(data)}>>stream\n".encode("latin-1") + data + b"\nendstream"


def paper(content, page="", catalog="", fonts=HELVETICA, more=(), resources="", pages="", contents="4 0 R"):
    """A file of one page. Object 5 is its font, and `more` are objects from 6."""
    content = content if isinstance(content, bytes) and content.startswith(b"<<") else stream(content)
    objects = [f"<</Type/Catalog/Pages 2 0 R{catalog}>>", f"<</Type/Pages/Kids[3 0 R]/Count 1{pages}>>",
               f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F 5 0 R>>{resources}>>/Contents {contents}{page}>>",
               content, fonts, *more]
    return assemble(objects)


def assemble(objects, root=1):
    """A file of these objects, which are numbered from 1."""
    file, offsets = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate(objects, 1):
        offsets.append(len(file))
        file += b"%d 0 obj\n" % number + (body.encode("latin-1") if isinstance(body, str) else body) + b"\nendobj\n"
    start = len(file)
    file += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return bytes(file + b"trailer\n<</Size %d/Root %d 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, root, start))


def shown(lines, at="1 0 0 1 72 700", size=12, leading=16):
    """Operators that show lines one below the other."""
    return f"BT /F {size} Tf {leading} TL {at} Tm " + " ".join(f"({line}) Tj T*" for line in lines) + " ET "


def placed(words, operator, gap=4.0):
    """Operators that place words on a line one by one, without a space."""
    x, parts = 72.0, []
    for word in words:
        parts.append(operator(x, word))
        x += pdfmetrics.stringWidth(word, "Helvetica", 12) + gap
    return parts


def composite(encoding, ordering, more=""):
    """A font of two bytes that is not embedded."""
    return (f"<</Type/Font/Subtype/Type0/BaseFont/Harbour/Encoding/{encoding}{more}/DescendantFonts[<</Type/Font/Subtype/CIDFontType0"
            f"/BaseFont/Harbour/CIDSystemInfo<</Registry(Adobe)/Ordering({ordering})/Supplement 2>>/DW 1000>>]>>")


def hexed(text, codec):
    """A string of PDF in hexadecimal."""
    return f"<{text.encode(codec).hex()}>"


def make_turned(expect):
    """Makes pages that are turned, as a whole or in their content."""
    turns = {90: "0 1 -1 0 200 100", 180: "-1 0 0 -1 500 200", 270: "0 -1 1 0 300 700"}
    for angle, at in turns.items():
        expect(f"turned-page-{angle}.pdf", "pdf", [WHOLE]).write_bytes(paper(shown(LINES, at), page=f"/Rotate {angle}"))
        expect(f"turned-text-{angle}.pdf", "pdf", [WHOLE]).write_bytes(paper(shown(LINES, at)))
    expect("turned-all-pages.pdf", "pdf", [WHOLE]).write_bytes(paper(shown(LINES, turns[90]), pages="/Rotate -270"))
    expect("slanted-text.pdf", "pdf", [WHOLE]).write_bytes(paper(shown(LINES, ".866 .5 -.5 .866 150 300")))
    # The sideways text is the longer one, but what stands upright on the turned page is read first.
    sideways = shown(LINES, "1 0 0 1 300 100")
    upright = shown(["Berth plan"], turns[90])
    expect("turned-page-order.pdf", "pdf", [f"Berth plan {WHOLE}"]).write_bytes(paper(sideways + upright, page="/Rotate 90"))
    margin = shown(["Berth plan of the north quay"], "0 1 -1 0 40 200")
    expect("turned-margin.pdf", "pdf", [WHOLE, "Berth plan of the north quay"]).write_bytes(paper(margin + shown(LINES)))


def make_words(expect):
    """Makes pages whose words and letters are placed one by one."""
    words = WHOLE.split()[:12]
    line = " ".join(words)
    by_tm = lambda x, word: f"1 0 0 1 {x:.2f} 700 Tm ({word}) Tj"
    by_text = lambda x, word: f"BT /F 12 Tf {x:.2f} 700 Td ({word}) Tj ET"
    by_scaled_tm = lambda x, word: f"1 0 0 1 {x * 7:.0f} 7000 Tm ({word}) Tj"
    letter_by_tm = lambda x, letter: "" if letter == " " else by_tm(x, letter)
    ways = {
        "tm": text_object(placed(words, by_tm)),
        "texts": " ".join(placed(words, by_text)),
        "backwards": " ".join(reversed(placed(words, by_text))),
        "array": text_object(["72 700 Td [", " -280 ".join(f"({word})" for word in words), "] TJ"]),
        "scaled": "q .1 0 0 .1 0 0 cm BT /F 120 Tf 70 Tz " + " ".join(placed(words, by_scaled_tm)) + " ET Q",
        "letters": text_object(placed(line, letter_by_tm, 0)),
    }
    for name, content in ways.items():
        expect(f"placed-words-{name}.pdf", "pdf", [line]).write_bytes(paper(content))
    one_spaced_out = "72 700 Td (The boat was ) Tj 3 Tc (painted) Tj 0 Tc ( by a sailor) Tj"
    expect("placed-letters-spaced-word.pdf", "pdf", ["The boat was painted by a sailor"]).write_bytes(paper(text_object([one_spaced_out])))
    sizes = text_object(["1 0 0 1 20 700 Tm (Sizes) Tj"] + placed("SMLX", by_tm))
    expect("placed-letters-alone.pdf", "pdf", ["Sizes S M L X"]).write_bytes(paper(sizes))
    chapters = [("Rules of the port", 3), ("Introduction", 27)]
    leaders = "".join(shown([f"{title} {'.' * 60}", number], f"1 0 0 1 72 {700 - 40 * row}") for row, (title, number) in enumerate(chapters))
    expect("dots-to-page-numbers.pdf", "pdf", [title for title, _ in chapters]).write_bytes(paper(leaders))
    spaced_out = text_object([f"3 Tc 72 700 Td ({line}) Tj"])
    expect("placed-letters-spaced-out.pdf", "pdf", [line]).write_bytes(paper(spaced_out))
    hyphens = ["The harbour has a summer-", "and a winter office, and the Hafen-",
               "und Gartenamt is open in the morn-", "ings of the week."]
    phrase = "summer- and a winter office, and the Hafen- und Gartenamt is open in the mornings"
    expect("suspended-hyphens.pdf", "pdf", [phrase]).write_bytes(paper(shown(hyphens)))


def text_object(operators):
    """A text object with these operators."""
    return f"BT /F 12 Tf {' '.join(operators)} ET"


def make_columns(expect):
    """Makes pages of columns."""
    texts = [[f"The {name} column tells of {thing}" for thing in ("the quay,", "the boats,", "the sails,", "the ropes.")] for name in ("first", "second", "third")]
    title = shown(["All columns of the harbour news stand below this long title of the whole page"], "1 0 0 1 40 760")
    order = [" ".join(text) for text in texts]
    down = title + "".join(shown(text, f"1 0 0 1 {40 + 180 * index} 700", 9, 12) for index, text in enumerate(texts))
    across = title + "".join(shown([texts[index][row]], f"1 0 0 1 {40 + 180 * index} {700 - 12 * row}", 9)
                             for row in range(4) for index in range(3))
    tree = ["<</Type/StructTreeRoot/K[7 0 R]/ParentTree<</Nums[]>>>>", "<</Type/StructElem/S/Document/P 6 0 R/K[]>>"]
    marked = "/StructTreeRoot 6 0 R/MarkInfo<</Marked true>>"
    expect("columns-partly-tagged.pdf", "pdf", [" ".join(order)]).write_bytes(paper("/P<</MCID 0>>BDC " + title + "EMC " + down[len(title):], catalog=marked, more=tree))
    expect("columns-across.pdf", "pdf", [" ".join(order)]).write_bytes(paper(across))
    centred = shown(["Harbour news"], "1 0 0 1 260 740", 14) + down[len(title):] + shown(["12"], "1 0 0 1 275 60", 9)
    expect("columns-below-title.pdf", "pdf", [" ".join(["Harbour news", *order, "12"])]).write_bytes(paper(centred))
    digits = "72 700 Td (A quay of 42 m) Tj /F 7 Tf 5 Ts (2) Tj /F 12 Tf 0 Ts ( with H) Tj /F 7 Tf -4 Ts (2) Tj /F 12 Tf 0 Ts (O) Tj"
    expect("lowered-digits.pdf", "pdf", ["A quay of 42 m2 with H2O"]).write_bytes(paper(text_object([digits])))
    initial = "/F 48 Tf 72 668 Td (T) Tj /F 12 Tf 32 24 Td 12 TL (he tide table) Tj T* (hangs in the office) Tj T* (of the harbour) Tj"
    expect("initial-letter.pdf", "pdf", ["The tide table hangs in the office of the harbour"]).write_bytes(paper(text_object([initial])))
    beside = [f"Short line number {row} of the long text" for row in range(4)]
    below = [f"Line number {row} of the long text, which goes on below the box and takes the whole width" for row in range(4, 8)]
    box = ["This box tells", "of the office", "of the harbour", "and its flag"]
    content = shown(beside + below, "1 0 0 1 40 760", 10, 12) + shown(box, "1 0 0 1 320 757", 9, 11)
    expect("box-beside-text.pdf", "pdf", [" ".join(beside), " ".join(box), " ".join(below)]).write_bytes(paper(content))


def drawn_rows(rows, columns, top=700):
    """Operators that draw a table row by row."""
    return "".join(shown([cell], f"1 0 0 1 {x} {top - 20 * row}", 10)
                   for row, cells in enumerate(rows) for x, cell in zip(columns, cells) if cell)


def make_tables(expect):
    """Makes tables, which are drawn row by row."""
    rows = [("Rope, 20 m", "2", "31.50"), ("Fender", "4", "18.00"), ("Flag of the port", "1", "7.25")]
    table = "".join(shown([cell], f"1 0 0 1 {x} {700 - 20 * row}") for row, cells in enumerate(rows) for x, cell in zip((72, 300, 400), cells))
    expect("table-rows.pdf", "pdf", [" ".join(cell for cells in rows for cell in cells)]).write_bytes(paper(table))
    week = [("Library", "Garden", "Harbour", "Museum", "Market", "Ferry"),
            ("Monday", "closed", "Tuesday", "closed", "Friday", "daily"),
            ("Readers", "Roses", "Pilots", "Painters", "Bakers", "Sailors")]
    phrase = " ".join(cell for cells in week for cell in cells)
    expect("table-six-columns.pdf", "pdf", [phrase]).write_bytes(paper(drawn_rows(week, range(60, 600, 85))))
    bill = [("1", "Berth for a night", "3", "14.00", "42.00"), ("2", "Fresh water", "2", "1.50", "3.00"),
            ("", "", "", "Sum", "45.00")]
    below = "We thank you for your stay in the harbour."
    phrase = " ".join(cell for cells in bill for cell in cells if cell) + " " + below
    expect("table-sum.pdf", "pdf", [phrase]).write_bytes(paper(
        drawn_rows(bill, (72, 100, 330, 400, 480)) + shown([below], "1 0 0 1 72 610")))
    fees = [("Boat", "Length", "Berth", "Fee"), ("Heron", "9 m", "4", "14"), ("Egret", "12 m", "7", "18")]
    letter = ["The harbour office asks for these fees, which", "are due on the first day of the month, and may",
              "be paid in the office, which is open in the", "morning, or to the keeper of the lighthouse."]
    texts = [*letter, *(cell for cells in fees for cell in cells), *letter]
    expect("table-within-text.pdf", "pdf", [" ".join(texts)]).write_bytes(paper(
        shown(letter) + drawn_rows(fees, (72, 200, 290, 400), 610) + shown(letter, "1 0 0 1 72 540")))


def make_marked(expect):
    """Makes content within marks, forms and layers."""
    inner = stream("/PlacedPDF/MC0 BDC " + shown(LINES[:2]) + "EMC", "/Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources<</Font<</F 5 0 R>>/Properties<</MC0<<>>>>>>")
    outer = stream("/X Do", "/Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources<</XObject<</X 6 0 R>>>>")
    expect("placed-content.pdf", "pdf", [" ".join(LINES[:2])]).write_bytes(paper("/PlacedPDF/MC0 BDC /Y Do EMC", more=[inner, outer], resources="/XObject<</Y 7 0 R>>/Properties<</MC0<<>>>>"))
    replaced = "The o\ufb03ce of the \ufb01re brigade has 20 m\xb2"
    expect("replaced-text.pdf", "pdf", ["The office of the fire brigade has 20 m\xb2"]).write_bytes(paper(
        f"/Span<</ActualText{hexed(chr(0xfeff) + replaced, 'utf-16-be')}>>BDC {shown(['The office'])} EMC"))
    layers = ["<</Type/OCG/Name(Shown)>>", "<</Type/OCG/Name(Draft)>>", "<</Type/OCMD/OCGs[7 0 R]/P/AllOn>>",
              stream(shown(["Form of the draft"], "1 0 0 1 72 500"), "/Type/XObject/Subtype/Form/BBox[0 0 595 842]/OC 7 0 R/Resources<</Font<</F 5 0 R>>>>")]
    content = ("/OC/L BDC " + shown(LINES[:2]) + "EMC /OC/D BDC " + shown(["Words of the draft"], "1 0 0 1 72 600") + "EMC /OC/M BDC "
               + shown(["Members of the draft"], "1 0 0 1 72 550") + "EMC /X Do")
    for name, config in [("off", "/OFF[7 0 R]"), ("base-state", "/BaseState/OFF/ON[6 0 R]")]:
        expect(f"hidden-layer-{name}.pdf", "pdf", [" ".join(LINES[:2])], absent=["of the draft"]).write_bytes(paper(
            content, catalog=f"/OCProperties<</OCGs[6 0 R 7 0 R]/D<<{config}>>>>", more=layers,
            resources="/Properties<</L 6 0 R/D 7 0 R/M 8 0 R>>/XObject<</X 9 0 R>>"))
    look = stream(shown(["Look of the draft"], "1 0 0 1 2 5"),
                  "/Type/XObject/Subtype/Form/BBox[0 0 200 20]/Resources<</Font<</F 5 0 R>>>>")
    of_layer = "<</Type/Annot/Subtype/{}/OC 6 0 R/Rect[72 {} 272 {}]{}>>"
    items = [of_layer.format("FreeText", 500, 520, "/Contents(Note of the draft)/AP<</N 8 0 R>>"),
             of_layer.format("Widget", 400, 420, "/FT/Tx/T(boat)/V(Value of the draft)")]
    expect("hidden-layer-notes.pdf", "pdf", [" ".join(LINES[:2])], absent=["of the draft"]).write_bytes(paper(
        shown(LINES[:2]), page=f"/Annots[{items[0]} 7 0 R]", more=[layers[1], items[1], look],
        catalog="/OCProperties<</OCGs[6 0 R]/D<</OFF[6 0 R]>>>>/AcroForm<</Fields[7 0 R]>>"))


def make_right_to_left(expect):
    """Makes text of right-to-left scripts as programs write it: letters as they are seen, from the left."""
    pdfmetrics.registerFont(TTFont("DejaVu", "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"))
    hebrew = "הנמל פתוח בכל יום"
    mixed = [(hebrew[::-1], hebrew), ("42 " + "רציף"[::-1], "רציף 42"), ("Sea Holly 2025 " + "הסירה"[::-1], "הסירה Sea Holly 2025"),
             ("(beta) 2.0 " + "גרסה"[::-1], "גרסה 2.0 (beta)")]
    page = canvas.Canvas(str(expect("hebrew-mixed.pdf", "pdf", [logical for _, logical in mixed])))
    page.setFont("DejaVu", 12)
    for row, (seen, _) in enumerate(mixed):
        page.drawString(72, 700 - 20 * row, seen)
    page.save()
    page = canvas.Canvas(str(expect("english-hebrew.pdf", "pdf", ["The word נמל גדול means a large harbour"])))
    page.setFont("DejaVu", 12)
    page.drawString(72, 700, "The word " + "נמל גדול"[::-1] + " means a large harbour")
    page.save()
    # Brackets as they are read rather than displayed, a number with its sign, and an end in another script.
    turned = [("15% " + "הנחה של"[::-1], "הנחה של 15%"), ("45 )" + "כולל שירות"[::-1] + "( " + "המחיר"[::-1], "המחיר (כולל שירות) 45"),
              ("." + "הרציף הראשון"[::-1] + " Sea Holly", "Sea Holly הרציף הראשון.")]
    page = canvas.Canvas(str(expect("hebrew-turned-brackets.pdf", "pdf", [logical for _, logical in turned])))
    page.setFont("DejaVu", 12)
    for row, (seen, _) in enumerate(turned):
        page.drawString(72, 700 - 20 * row, seen)
    page.save()
    # The letters are drawn from the left, so that each mark comes before its letter.
    marked = "مُحَمَّدٌ"
    page = canvas.Canvas(str(expect("arabic-marks.pdf", "pdf", [marked, "هاتف: 04-555"])))
    page.setFont("DejaVu", 12)
    place = 72
    for letter, marks in [("د", "ٌ"), ("م", "ّ\u064e"), ("ح", "َ"), ("م", "ُ")]:
        for mark in marks:
            page.drawString(place + 2, 700, mark)
        page.drawString(place, 700, letter)
        place += pdfmetrics.stringWidth(letter, "DejaVu", 12)
    page.drawString(72, 660, "555-04 :" + "هاتف"[::-1])
    page.save()
    # The letters of the word in their shapes within it, with the ligature of lam and alef.
    shapes, word = "ﻡﻼﺳ", "سلام"
    page = canvas.Canvas(str(expect("arabic-shapes.pdf", "pdf", [f"{word} 2025", word])))
    page.setFont("DejaVu", 12)
    page.drawString(72, 700, f"2025 {shapes}")
    page.drawRightString(400, 660, shapes)
    page.save()


JAPANESE_COLUMNS = ["図書館の開館時間は午前九時から", "午後五時までです。来週の月曜日", "は休館します。"]


def make_east_asian(expect):
    """Makes vertical writing, and text in the code pages of Chinese, Korean and Japanese."""
    for encoding, codec, left in [("90ms-RKSJ-V", "cp932", 520), ("UniJIS-UTF16-V", "utf-16-be", 90), ("EUC-V", "euc_jp", 160)]:
        content = "BT /F 12 Tf " + " ".join(f"1 0 0 1 {left - 20 * index} 760 Tm {hexed(line, codec)} Tj" for index, line in enumerate(JAPANESE_COLUMNS)) + " ET"
        expect(f"vertical-{encoding.lower()}.pdf", "pdf", [" ".join(JAPANESE_COLUMNS)]).write_bytes(paper(content, fonts=composite(encoding, "Japan1")))
    # Figures that stand upright in a vertical line, and the number of the page.
    form = "/Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources<</Font<</F 6 0 R>>>>"
    upright = [stream(shown([figures], at, 11), form)
               for figures, at in (("12", "1 0 0 1 493.9 702"), ("Page 7", "1 0 0 1 280 40"))]
    vertical = [f"BT /F 12 Tf 1 0 0 1 {x} {y} Tm {hexed(line, 'utf-16-be')} Tj ET "
                for x, y, line in ((500, 760, "港の案内"), (500, 700, "号は朝早くから"), (480, 760, JAPANESE_COLUMNS[0]))]
    content = f"/Q Do {vertical[0]} /P Do {vertical[1]} {vertical[2]}"
    phrase = "港の案内12号は朝早くから " + JAPANESE_COLUMNS[0] + " Page 7"
    expect("vertical-upright-figures.pdf", "pdf", [phrase]).write_bytes(paper(
        content, fonts=composite("UniJIS-UTF16-V", "Japan1"), more=[HELVETICA, *upright],
        resources="/XObject<</P 7 0 R/Q 8 0 R>>"))
    stacked = "BT /F 12 Tf " + " ".join(
        f"1 0 0 1 {500 - 20 * column} {760 - 13 * row} Tm {hexed(letter, 'utf-16-be')} Tj"
        for column, line in enumerate(JAPANESE_COLUMNS) for row, letter in enumerate(line)) + " ET"
    expect("vertical-stacked.pdf", "pdf", JAPANESE_COLUMNS[:2]).write_bytes(paper(stacked, fonts=composite("UniJIS-UTF16-H", "Japan1")))
    korean = ["박물관은매일아침", "아홉시에문을엽니다"]
    stacked = "BT /F 12 Tf " + " ".join(
        f"1 0 0 1 {500 - 20 * column} {760 - 13 * row} Tm {hexed(letter, 'utf-16-be')} Tj"
        for column, line in enumerate(korean) for row, letter in enumerate(line)) + " ET"
    expect("vertical-stacked-korean.pdf", "pdf", [" ".join(korean)]).write_bytes(paper(stacked, fonts=composite("UniKS-UTF16-H", "Korea1")))
    words = " -300 ".join(hexed(word, "utf-16-be") for word in "박물관은 매일 문을 엽니다".split())
    expect("placed-words-korean.pdf", "pdf", ["박물관은 매일 문을 엽니다"]).write_bytes(paper(f"BT /F 12 Tf 72 700 Td [{words}] TJ ET", fonts=composite("UniKS-UTF16-H", "Korea1")))
    columns = [[f"{side}{row}図書館の開館時間は午前九時" for row in "一二三四"] for side in "左右"]
    across = "".join(f"BT /F 9 Tf 1 0 0 1 {60 + 250 * side} {700 - 14 * row} Tm {hexed(columns[side][row], 'utf-16-be')} Tj ET " for row in range(4) for side in range(2))
    expect("columns-japanese.pdf", "pdf", [" ".join(columns[0] + columns[1])]).write_bytes(paper(across, fonts=composite("UniJIS-UTF16-H", "Japan1")))
    chinese, taiwan, korean, japanese = "博物馆 Open 9:00 每天开放", "博物館 Open 9:00 每天開放", "박물관 Open 9:00 매일 문을", "図書館 Open 9:00 から"
    for encoding, codec, ordering, line in [
            ("GBK-EUC-H", "gbk", "GB1", chinese), ("GBKp-EUC-H", "gbk", "GB1", chinese), ("GBK2K-H", "gb18030", "GB1", chinese), ("GB-EUC-H", "gb2312", "GB1", chinese),
            ("UniGB-UCS2-H", "utf-16-be", "GB1", chinese), ("ETen-B5-H", "big5", "CNS1", taiwan), ("B5pc-H", "big5", "CNS1", taiwan), ("UniCNS-UTF16-H", "utf-16-be", "CNS1", taiwan),
            ("KSCms-UHC-H", "cp949", "Korea1", korean), ("KSC-EUC-H", "euc_kr", "Korea1", korean), ("UniKS-UCS2-H", "utf-16-be", "Korea1", korean),
            ("90msp-RKSJ-H", "cp932", "Japan1", japanese), ("EUC-H", "euc_jp", "Japan1", japanese)]:
        expect(f"cmap-{encoding.lower()}.pdf", "pdf", [line]).write_bytes(paper(f"BT /F 12 Tf 72 700 Td {hexed(line, codec)} Tj ET", fonts=composite(encoding, ordering)))


def make_letters(expect):
    """Makes letters with accents that are drawn apart, and the fonts of a typesetting program."""
    codes = "/Encoding<</Type/Encoding/Differences[1/acute/grave/dieresis/caron/circumflex/tilde/dotlessi/cedilla/ring]>>"
    font = f"<</Type/Font/Subtype/Type1/BaseFont/Times-Roman{codes}>>"
    content = ("BT /F 12 Tf 72 700 Td [(caf)] TJ [(\\001) 388.5 (e)] TJ [( M\\003) 416 (unchen d\\002) 388.5 (es \\004) 361 (skola na\\003) 305.5 (\\007ve Mu\\006) 416 (noz)] TJ"
               " [( gar) ] TJ [(c) 388 (\\010) 55 (on)] TJ ET")
    expect("accents-apart.pdf", "pdf", ["café München dès škola naïve Muñoz garçon"]).write_bytes(paper(content, fonts=font))
    raised = "BT /F 12 Tf 74 703 Td (\\001) Tj ET BT /F 12 Tf 72 700 Td (Etat) Tj ET"
    expect("accents-raised.pdf", "pdf", ["État"]).write_bytes(paper(raised, fonts=font))
    # A code that stands for nothing, an array that is too short, and radicals in place of letters.
    font = "<</Type/Font/Subtype/Type1/BaseFont/Harbour/FirstChar 1/LastChar 8/Widths[600 600 600 600 600 600 600 600]/ToUnicode 6 0 R>>"
    tables = {"empty": "4 beginbfchar <01> <0050> <02> <006F0072> <03> <> <04> <0074> endbfchar", "array": "1 beginbfrange <01> <08> [<0050> <006F0072> <> <0074>] endbfrange",
              "radicals": "3 beginbfchar <01> <2F47> <02> <672C> <04> <2ED1> endbfchar"}
    for name, text in [("empty", "Port"), ("array", "Port"), ("radicals", "日本長")]:
        table = stream(zlib.compress(f"begincmap 1 begincodespacerange <00> <FF> endcodespacerange {tables[name]} endcmap".encode()), "/Filter/FlateDecode")
        expect(f"character-map-{name}.pdf", "pdf", [text]).write_bytes(paper("BT /F 12 Tf 72 700 Td <010204> Tj ET", fonts=font, more=[table]))


def make_outside(expect):
    """Makes text that stands outside the content of the pages."""
    template = '<template xmlns="http://www.xfa.org/schema/xfa-template/3.0/"><subform><field><caption><value><text>Name of the boat</text></value></caption><event><script>var secret = 1;</script></event></field></subform></template>'
    data = '<xfa:datasets xmlns:xfa="http://www.xfa.org/schema/xfa-data/1.0/"><xfa:data><boat>Sea Holly</boat></xfa:data></xfa:datasets>'
    parts = [stream('<xdp:xdp xmlns:xdp="http://ns.adobe.com/xdp/">'), stream(zlib.compress(template.encode()), "/Filter/FlateDecode"), stream(data), stream("</xdp:xdp>")]
    expect("form-xml-parts.pdf", "pdf", ["Name of the boat", "Sea Holly"], absent=["secret"]).write_bytes(paper(
        shown(["Please wait..."]), catalog="/AcroForm<</Fields[]/XFA[(preamble) 6 0 R(template) 7 0 R(datasets) 8 0 R(postamble) 9 0 R]>>", more=parts))
    notes = ("/Annots[<</Type/Annot/Subtype/Text/Rect[72 600 92 620]/Contents(Approved by the harbour)>><</Type/Annot/Subtype/Highlight/Rect[72 690 172 710]"
             "/Contents<FEFF00DC0062006500720074>>><</Type/Annot/Subtype/Text/F 2/Rect[72 500 92 520]/Contents(A hidden note)>>]")
    expect("notes.pdf", "pdf", [" ".join(LINES[:2]), "Approved by the harbour", "Übert"], absent=["A hidden note"]).write_bytes(paper(shown(LINES[:2]), page=notes))
    fields = ["<</T(boat)/FT/Tx/Kids[7 0 R]>>", "<</Parent 6 0 R/T(name)/V(Sea Holly)/Type/Annot/Subtype/Widget/Rect[72 600 200 620]>>", "<</T(berth)/FT/Ch/V[(North)(South)]>>"]
    expect("field-values.pdf", "pdf", ["Sea Holly", "North", "South"]).write_bytes(paper(shown(LINES[:2]), catalog="/AcroForm<</Fields[6 0 R 8 0 R]>>", more=fields))
    fields = ["<</T(quay)/FT/Ch/V(N)/Opt[[(N)(North quay)][(S)(South quay)]]>>", "<</T(remark)/FT/Tx/V 8 0 R>>", stream("The mast was painted anew"),
              "<</T(code)/FT/Tx/Ff 8192/V(Sesame)>>", "<</T(draft)/FT/Tx/F 2/V(Words of the draft)>>"]
    widget = "/Annots[<</Type/Annot/Subtype/Widget/FT/Tx/T(captain)/V(Jonas Reed)/Rect[72 500 200 520]>>]"
    expect("field-kinds.pdf", "pdf", ["North quay", "The mast was painted anew", "Jonas Reed"], absent=["South quay", "Sesame", "draft"]).write_bytes(
        paper(shown(LINES[:2]), catalog="/AcroForm<</Fields[6 0 R 7 0 R 9 0 R 10 0 R]>>", page=widget, more=fields))


def make_damaged(expect):
    """Makes files that other readers mend."""
    plain = paper(shown(LINES))
    for name, before in [("mark", b"\xef\xbb\xbf"), ("lines", b"\r\n\n"), ("part", b"--x\r\nContent-Type: application/pdf\r\n\r\n"), ("noise", b"HTTP/1.1 200 OK\r\n" * 50)]:
        expect(f"leading-{name}.pdf", "pdf", [WHOLE], absent=["endobj"]).write_bytes(before + plain)
    packed = zlib.compress(shown(LINES).encode())
    expect("filter-indirect.pdf", "pdf", [WHOLE]).write_bytes(paper(stream(packed, "/Filter[6 0 R]/DecodeParms 7 0 R"), more=["/FlateDecode", "[null]"]))
    expect("page-tree-gaps.pdf", "pdf", [WHOLE]).write_bytes(plain.replace(b"/Kids[3 0 R]/Count 1", b"/Kids[9 0 R 3 0 R 2 0 R]/Count 1"))
    expect("page-tree-lost.pdf", "pdf", [WHOLE]).write_bytes(plain.replace(b"/Pages 2 0 R", b"/Pages 8 0 R"))
    expect("page-tree-no-kids.pdf", "pdf", [WHOLE]).write_bytes(plain.replace(b"/Kids[3 0 R]", b"/Kids[]"))
    expect("offsets-lost.pdf", "pdf", [WHOLE]).write_bytes(plain[:plain.index(b"xref")])
    expect("header-of-object.pdf", "pdf", [WHOLE]).write_bytes(plain.replace(b"4 0 obj", b"\xff\xfe\n4 0 obj").replace(b"5 0 obj", b"\x80\x81 5 0 obj"))
    paper_of_many = fpdf.FPDF()
    for number in range(12):
        paper_of_many.add_page()
        paper_of_many.set_font("Helvetica", size=12)
        paper_of_many.multi_cell(0, 8, f"Page {number + 1} of the log. {WHOLE}")
    with pikepdf.open(io.BytesIO(paper_of_many.output())) as many:
        many.save(expect("linearized.pdf", "pdf", ["Page 1 of the log", "Page 12 of the log. " + WHOLE]), linearize=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)


def make(expect):
    """Makes all files."""
    for part in (make_turned, make_words, make_columns, make_tables, make_marked, make_right_to_left,
                 make_east_asian, make_letters, make_outside, make_damaged):
        part(expect)
