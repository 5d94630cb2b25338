#!/usr/bin/env python3
"""Makes the corpus: files of real programs, and `expected.json` with the text that must be found in each.

Needs LibreOffice (`soffice`, `python3-uno`), the fonts DejaVu and IPA Gothic, and from PyPI: python-docx
openpyxl python-pptx odfpy reportlab fpdf2 weasyprint pikepdf pillow extract-msg msoffcrypto-tool
numbers-parser. Times and ids in the files differ between runs; the text does not.
"""

import json
import struct
import subprocess
import sys
import tempfile
from email.message import EmailMessage
from pathlib import Path

import archive_kinds
import docx
import fpdf
import openpyxl
import pdf_kinds
import pikepdf
import pptx
import weasyprint
import office_kinds
import onenote_kinds
import package_kinds
import suite_kinds
import word_kinds
from extract_msg import OleWriter
from msoffcrypto.format.ooxml import OOXMLFile
from odf import draw, opendocument, style, table, text
from PIL import Image, ImageDraw
from reportlab.pdfgen import canvas
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Table
from reportlab.lib.styles import getSampleStyleSheet

import text_kinds

HERE = Path(__file__).parent
DEJAVU, GOTHIC = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", "/usr/share/fonts/opentype/ipafont-gothic/ipag.ttf"

ENGLISH = ["The harbour office confirms the mooring of your sailing boat.", "Berth 42 costs 310 euros for the summer season.",
           "Please bring the insurance certificate and a copy of the crew list when you arrive."]
GERMAN = ["Die Gärtnerei Blütenmeer liefert die bestellten Apfelbäume.", "Überweisen Sie den Betrag von 275 Euro bis zum Monatsende.",
          "Größere Äste müssen vor dem Pflanzen gekürzt werden, sonst wächst der Baum schief."]
FRENCH = ["La bibliothèque prête gratuitement ses livres aux élèves.", "Les ouvrages empruntés doivent être rendus avant l'été.",
          "Où trouver le catalogue ? À l'accueil, près de la fenêtre, ou bien à côté du café."]
RUSSIAN = ["Музей открыт ежедневно, кроме понедельника.", "Билет для взрослых стоит триста рублей.",
           "Экскурсия по старому городу начинается у главного входа в десять часов утра."]
JAPANESE = ["図書館の開館時間は午前九時から午後五時までです。", "来週の月曜日は休館します。",
            "本を借りるときは、受付で利用者カードをお見せください。"]
ARABIC = ["يفتح المتحف أبوابه كل يوم ما عدا يوم الجمعة.", "سعر التذكرة للكبار عشرون درهما.",
          "تبدأ الجولة في المدينة القديمة من المدخل الرئيسي في الساعة العاشرة صباحا."]
GREEK = ["Το μουσείο είναι ανοιχτό κάθε μέρα εκτός Δευτέρας.", "Το εισιτήριο κοστίζει δέκα ευρώ.",
         "Η ξενάγηση στην παλιά πόλη αρχίζει από την κεντρική είσοδο."]
POLISH = ["Księgarnia wysyła zamówione książki w ciągu trzech dni.", "Zapłata następuje przelewem na wskazane konto.",
          "Prosimy o sprawdzenie przesyłki i zgłoszenie usterek w ciągu tygodnia."]
CHINESE = ["博物馆每天开放,星期一除外。", "成人门票二十元。", "参观老城的路线从正门出发,早上十点开始。"]
KOREAN = ["박물관은 월요일을 제외하고 매일 문을 엽니다.", "어른 입장료는 오천 원입니다.", "옛 도시 안내는 오전 열 시에 정문에서 시작합니다."]

EXPECTED = {}


def expect(name, kind, phrases=(), no_text=None, absent=()):
    """Records what is expected of a file: phrases, or why it has no text, and what must be absent. Returns
    the file's path."""
    EXPECTED[name] = {"format": kind, **({"no_text": no_text} if no_text else {"phrases": list(phrases)}),
                      **({"absent": list(absent)} if absent else {})}
    return HERE / name


def convert(source, kind, suffix):
    """Converts a file with LibreOffice."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["soffice", "--headless", "--convert-to", kind, "--outdir", folder, str(source)]
        subprocess.run(command, check=True, capture_output=True)
        return (Path(folder) / f"{Path(source).stem}.{suffix}").read_bytes()


def make_plain():
    """Makes plain text in common encodings."""
    for name, lines, encoding in [
        ("english-utf8.txt", ENGLISH, "utf-8"), ("german-utf8-bom.txt", GERMAN, "utf-8-sig"),
        ("french-utf16.txt", FRENCH, "utf-16"), ("german-iso-8859-1.txt", GERMAN, "iso-8859-1"),
        ("french-windows-1252.txt", [*FRENCH, "Prix : 12 € – c’est peu."], "windows-1252"),
        ("polish-windows-1250.txt", [*POLISH, "Życzymy miłej lektury i wielu słonecznych dni w świecie książek."], "windows-1250"), ("polish-iso-8859-2.txt", POLISH, "iso-8859-2"),
        ("russian-koi8-r.txt", RUSSIAN, "koi8-r"), ("russian-windows-1251.txt", RUSSIAN, "windows-1251"),
        ("greek-windows-1253.txt", GREEK, "windows-1253"), ("arabic-windows-1256.txt", ARABIC, "windows-1256"),
        ("arabic-utf8.txt", ARABIC, "utf-8"), ("japanese-shift-jis.txt", JAPANESE, "shift_jis"),
        ("japanese-euc-jp.txt", JAPANESE, "euc_jp"), ("japanese-iso-2022-jp.txt", JAPANESE, "iso2022_jp"),
        ("chinese-gb18030.txt", CHINESE, "gb18030"), ("chinese-big5.txt", ["博物館每天開放,星期一除外。", "成人門票二十元。", "參觀老城的路線從正門出發。"], "big5"),
        ("korean-euc-kr.txt", KOREAN, "euc_kr"),
    ]:
        expect(name, "text", lines).write_bytes("\n".join(lines).encode(encoding))
    big = "\ufeff" + "\r\n".join(RUSSIAN)
    expect("russian-utf16-be.txt", "text", RUSSIAN).write_bytes(big.encode("utf-16-be"))
    expect("english-utf16-le-no-bom.txt", "text", ENGLISH).write_bytes("\n".join(ENGLISH).encode("utf-16-le"))
    markdown = f"# Mooring\n\n{ENGLISH[0]} **Paid.**\n\n- {ENGLISH[1]}\n\n```\nbollard --berth 42\n```\n"
    expect("english.md", "text", ["Mooring", ENGLISH[0], ENGLISH[1], "bollard --berth 42"]).write_text(markdown)
    rows = [["Baum", "Größe", "Preis"], ["Apfel", "mittelgroß", "35,00"], ["Süßkirsche", "groß", "48,50"]]
    for name, encoding, comma in [("german-windows-1252.csv", "windows-1252", ";"), ("german-utf8.csv", "utf-8", ",")]:
        lines = "\r\n".join(comma.join(f'"{cell}"' for cell in row) for row in rows)
        expect(name, "text", ["Größe", "Süßkirsche", "mittelgroß"]).write_bytes(lines.encode(encoding))
    value = {"musée": {"ville": "Orléans", "horaires": FRENCH[:2]}, "visiteurs": [1200, 1350]}
    expect("french.json", "text", ["Orléans", *FRENCH[:2]]).write_text(json.dumps(value, ensure_ascii=False, indent=1))
    xml = f'<?xml version="1.0" encoding="koi8-r"?>\n<билет цена="300"><текст>{RUSSIAN[0]}</текст><текст>{RUSSIAN[1]} &amp; скидка</текст></билет>'
    expect("russian-koi8-r.xml", "xml", [RUSSIAN[0], RUSSIAN[1], "& скидка"]).write_bytes(xml.encode("koi8-r"))
    xml = f"<note><to>Crew</to><!-- unseen --><body>{ENGLISH[0]}<![CDATA[ wind < 6 & rising ]]></body></note>"
    expect("english.xml", "xml", ["Crew", ENGLISH[0], "wind < 6 & rising"]).write_text(xml)


def make_html():
    """Makes HTML pages."""
    page = "<!doctype html><html lang=\"{}\"><head><meta charset=\"{}\"><title>{}</title><style>p {{ color: red }}</style></head>" \
           "<body><script>var hidden = 1;</script><h1>{}</h1><p>{}</p><table><tr><td>{}</td></tr></table></body></html>"
    for name, lines, encoding in [("german.html", GERMAN, "utf-8"), ("russian-windows-1251.html", RUSSIAN, "windows-1251"),
                                  ("japanese-shift-jis.html", JAPANESE, "shift_jis")]:
        body = page.format("de", encoding.replace("_", "-"), lines[0], lines[0], lines[1], lines[2])
        expect(name, "html", lines).write_bytes(body.encode(encoding))
    expect("entities.html", "html", [FRENCH[0], "5 < 6 & 7 > 6", "café"]).write_text(
        f"<html><body><p>{FRENCH[0].replace('è', '&egrave;').replace('ê', '&#234;').replace('é', '&#xe9;')}</p>"
        "<p>5 &lt; 6 &amp; 7 &gt; 6</p><div>caf&eacute;</div></body></html>")


def make_mail():
    """Makes e-mail messages: plain, in two versions, and with an attachment."""
    def build_message(subject, lines, charset, cte):
        letter = EmailMessage()
        letter["From"], letter["To"], letter["Subject"] = "Office <office@example.com>", "ada@example.com", subject
        letter.set_content("\n".join(lines), charset=charset, cte=cte)
        return letter
    letter = build_message("Mooring in July", ENGLISH, "utf-8", "7bit")
    expect("english.eml", "email", ["Mooring in July", *ENGLISH]).write_bytes(bytes(letter))
    letter = build_message("Apfelbäume für Ihren Garten", GERMAN, "iso-8859-1", "quoted-printable")
    letter.add_alternative(f"<html><body><p>{GERMAN[0]}</p></body></html>", subtype="html", charset="utf-8")
    expect("german-alternative.eml", "email", ["Apfelbäume für Ihren Garten", *GERMAN]).write_bytes(bytes(letter))
    letter = build_message("Билеты", RUSSIAN, "koi8-r", "base64")
    letter.add_attachment("прайс".encode(), maintype="application", subtype="octet-stream", filename="прайс.bin")
    expect("russian-attachment.eml", "email", ["Билеты", *RUSSIAN, "прайс.bin"]).write_bytes(bytes(letter))
    letter = EmailMessage()
    letter["Subject"] = "図書館のお知らせ"
    letter.set_content(f"<html><body><h1>{JAPANESE[0]}</h1><p>{JAPANESE[1]}</p></body></html>", subtype="html", charset="iso-2022-jp", cte="7bit")
    expect("japanese-html-only.eml", "email", ["図書館のお知らせ", *JAPANESE[:2]]).write_bytes(bytes(letter))
    make_outlook_message("german.msg", "Ihre Bestellung über Apfelbäume", GERMAN)


def make_outlook_message(name, subject, lines):
    """Makes a file in Outlook's own format: a compound file with a stream for each property."""
    writer, properties = OleWriter(), b""
    for tag, value in [(0x001A, "IPM.Note"), (0x0037, subject), (0x0C1A, "Gärtnerei Blütenmeer"), (0x0E04, "Ada"), (0x1000, "\r\n".join(lines))]:
        data = value.encode("utf-16-le")
        properties += struct.pack("<HHIII", 0x001F, tag, 6, len(data) + 2, 0)
        writer.addEntry(f"__substg1.0_{tag:04X}001F", data)
    writer.addEntry("__properties_version1.0", bytes(8) + struct.pack("<IIII", 0, 0, 0, 0) + bytes(8) + properties)
    writer.addEntry("__nameid_version1.0", storage=True)
    for stream in ["00020102", "00030102", "00040102"]:
        writer.addEntry(f"__nameid_version1.0/__substg1.0_{stream}", b"")
    writer.write(str(expect(name, "email", [subject, *lines])))


def make_word():
    """Makes text documents."""
    for name, lines in [("english.docx", ENGLISH), ("japanese.docx", JAPANESE), ("arabic.docx", ARABIC)]:
        paper = docx.Document()
        paper.add_heading(lines[0])
        paper.add_paragraph(lines[1])
        paper.add_table(1, 2).cell(0, 1).text = lines[2]
        paper.sections[0].footer.paragraphs[0].text = "42 / 7"
        paper.save(expect(name, "docx", lines))
    paper = docx.Document()
    paragraph = paper.add_paragraph()
    for part in ["Split ", "over ", "many ", "ru", "ns."]:
        paragraph.add_run(part).bold = len(part) > 4
    paper.add_paragraph("first\tsecond")
    paper.save(expect("runs.docx", "docx", ["Split over many runs.", "first second"]))
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        page.write_text(f"<html><head><meta charset='utf-8'></head><body><h1>{GERMAN[0]}</h1><p>{GERMAN[1]}</p><ul><li>{GERMAN[2]}</li></ul></body></html>")
        writer = Path(folder) / "page.odt"
        writer.write_bytes(convert_html(page, "odt"))
        for suffix, kind in [("docx", "docx"), ("odt", "odt"), ("rtf", "rtf"), ("pdf", "pdf")]:
            data = writer.read_bytes() if suffix == "odt" else convert(writer, kind, suffix)
            expect(f"german-libreoffice.{suffix}", suffix, GERMAN).write_bytes(data)
        expect("german-libreoffice.doc", "office97", GERMAN).write_bytes(convert(writer, "doc", "doc"))
    for name, lines in [("french.odt", FRENCH), ("russian.odt", RUSSIAN)]:
        paper = opendocument.OpenDocumentText()
        paper.text.addElement(text.H(outlinelevel=1, text=lines[0]))
        split = text.P()
        for number, piece in enumerate(lines[1].split(" ")):
            if number:
                split.addElement(text.S())
            split.addElement(text.Span(text=piece))
        paper.text.addElement(split)
        paper.text.addElement(text.P(text=lines[2]))
        paper.save(expect(name, "odt", lines))
        if name == "russian.odt":
            expect("russian-libreoffice.rtf", "rtf", lines).write_bytes(convert(HERE / name, "rtf", "rtf"))
            expect("russian-libreoffice.pdf", "pdf", lines).write_bytes(convert(HERE / name, "pdf", "pdf"))
    rtf = r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0 Arial;}}{\*\generator none;}\f0 La biblioth\'e8que \b pr\'eate\b0  ses livres.\par " \
          r"Prix\u8239 ?: 12 \u8364\'80\line fin \{voil\'e0\}}"
    expect("french.rtf", "rtf", ["La bibliothèque prête ses livres.", "12 €", "fin {voilà}"]).write_bytes(rtf.encode("ascii"))


def convert_html(page, suffix):
    """Converts an HTML page with LibreOffice, which needs an explicit filter."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["soffice", "--headless", "--infilter=HTML (StarWriter)", "--convert-to", f"{suffix}:writer8", "--outdir", folder, str(page)]
        subprocess.run(command, check=True, capture_output=True)
        return (Path(folder) / f"{page.stem}.{suffix}").read_bytes()


def make_sheets():
    """Makes spreadsheets."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Berths"
    for row in [["Berth", "Boat", "Euros"], [42, "Sea Holly", 310.5], [43, "Übermut", 275], ["Sum", None, "=C2+C3"]]:
        sheet.append(row)
    book.create_sheet("Bücher")["B7"] = FRENCH[0]
    book.save(expect("berths.xlsx", "xlsx", ["Berth", "Sea Holly", "310.5", "Übermut", FRENCH[0]]))
    calc = opendocument.OpenDocumentSpreadsheet()
    page = table.Table(name="Билеты")
    for cells in [RUSSIAN[:2], [JAPANESE[0], "1200"]]:
        row = table.TableRow()
        for cell in cells:
            field = table.TableCell(valuetype="string")
            field.addElement(text.P(text=cell))
            row.addElement(field)
        page.addElement(row)
    calc.spreadsheet.addElement(page)
    calc.save(expect("tickets.ods", "ods", [*RUSSIAN[:2], JAPANESE[0]]))
    expect("tickets-libreoffice.xlsx", "xlsx", [*RUSSIAN[:2], JAPANESE[0]]).write_bytes(convert(HERE / "tickets.ods", "xlsx", "xlsx"))
    expect("berths-libreoffice.xls", "office97", ["Sea Holly", "Übermut", FRENCH[0]]).write_bytes(convert(HERE / "berths.xlsx", "xls", "xls"))
    expect("berths-libreoffice.ods", "ods", ["Sea Holly", "Übermut", FRENCH[0]]).write_bytes(convert(HERE / "berths.xlsx", "ods", "ods"))


def make_slides():
    """Makes presentations."""
    show = pptx.Presentation()
    for title, body in [(ENGLISH[0], ENGLISH[1]), (JAPANESE[0], FRENCH[0])]:
        slide = show.slides.add_slide(show.slide_layouts[1])
        slide.shapes.title.text, slide.placeholders[1].text = title, body
        slide.notes_slide.notes_text_frame.text = "said, not shown"
    show.save(expect("harbour.pptx", "pptx", [ENGLISH[0], ENGLISH[1], JAPANESE[0], FRENCH[0]]))
    show = opendocument.OpenDocumentPresentation()
    layout = style.PageLayout(name="Layout")
    show.automaticstyles.addElement(layout)
    master = style.MasterPage(name="Master", pagelayoutname=layout)
    show.masterstyles.addElement(master)
    page = draw.Page(masterpagename=master, name="one")
    for place, line in enumerate(GERMAN[:2]):
        frame = draw.Frame(width="20cm", height="3cm", x="1cm", y=f"{1 + 4 * place}cm")
        box = draw.TextBox()
        box.addElement(text.P(text=line))
        frame.addElement(box)
        page.addElement(frame)
    show.presentation.addElement(page)
    show.save(expect("garden.odp", "odp", GERMAN[:2]))
    expect("garden-libreoffice.pptx", "pptx", GERMAN[:2]).write_bytes(convert(HERE / "garden.odp", "pptx", "pptx"))
    with tempfile.TemporaryDirectory() as folder:
        # Leaves out the template's media, which are most of the file.
        small = Path(folder) / "small.odp"
        small.write_bytes(convert(HERE / "garden-libreoffice.pptx", "odp", "odp"))
        expect("garden-libreoffice.odp", "odp", GERMAN[:2]).write_bytes(small.read_bytes())


def make_pdf():
    """Makes PDF files with several programs."""
    page = canvas.Canvas(str(expect("english-reportlab.pdf", "pdf", ENGLISH[:2])))
    for line, y in zip(ENGLISH[:2], [780, 740]):
        page.drawString(60, y, line)
    page.save()
    words = getSampleStyleSheet()["BodyText"]
    story = []
    for number in range(1, 6):
        story += [Paragraph(f"Section {number}", words), Paragraph(" ".join(ENGLISH) * 3, words), Table([["Berth", "Price"], [str(40 + number), "310"]]), PageBreak()]
    SimpleDocTemplate(str(expect("english-pages.pdf", "pdf", ["Section 1", "Section 5", ENGLISH[1]]))).build(story)
    for name, font, lines in [("greek-fpdf.pdf", DEJAVU, GREEK[:2]), ("japanese-fpdf.pdf", GOTHIC, JAPANESE[:2])]:
        paper = fpdf.FPDF()
        paper.add_page()
        paper.add_font("own", fname=font)
        paper.set_font("own", size=14)
        for line in lines:
            paper.multi_cell(0, 10, line, new_x="LMARGIN", new_y="NEXT")
        paper.output(str(expect(name, "pdf", lines)))
    weasyprint.HTML(string=f"<p>{FRENCH[0]}</p><p>{FRENCH[1]}</p>").write_pdf(expect("french-weasyprint.pdf", "pdf", FRENCH[:2]))
    with pikepdf.open(HERE / "english-reportlab.pdf") as paper:
        paper.save(expect("object-streams.pdf", "pdf", ENGLISH[:2]), object_stream_mode=pikepdf.ObjectStreamMode.generate, linearize=True)
        paper.save(expect("owner-password.pdf", "pdf", ENGLISH[:2]), encryption=pikepdf.Encryption(owner="a person's", user="", R=6))
        for name, revision in [("encrypted-aes.pdf", 6), ("encrypted-rc4.pdf", 3)]:
            secret = pikepdf.Encryption(owner="a person's", user="another's", R=revision, aes=revision > 3, metadata=revision > 3)
            paper.save(expect(name, "pdf", no_text="encrypted"), encryption=secret)


def make_pdf_kinds():
    """Makes PDF files that say one thing each in the ways in which programs write it."""
    pdf_kinds.make(expect)


def make_pictures():
    """Makes files without text."""
    image = Image.new("L", (400, 120), 255)
    ImageDraw.Draw(image).text((20, 40), "Berth 42 is paid until September", fill=0)
    image.save(expect("receipt.png", "image", no_text="image"))
    image.save(expect("receipt.jpg", "image", no_text="image"), quality=40)
    image.save(expect("receipt.tiff", "image", no_text="image"), compression="tiff_lzw")
    image.convert("1").save(expect("receipt-fax.tiff", "image", no_text="image"), compression="group4")
    image.save(expect("scan.pdf", "pdf", no_text="not_found"), resolution=100)
    expect("unknown.bin", "unknown", no_text="unknown_format").write_bytes(bytes((n * n + 7 * n) % 251 for n in range(3000)))
    with (HERE / "berths.xlsx").open("rb") as open_book, expect("encrypted.xlsx", "office97", no_text="encrypted").open("wb") as book:
        OOXMLFile(open_book).encrypt("a person's", book)
    letter = expect("encrypted.odt", "odt", no_text="encrypted")
    subprocess.run(["/usr/bin/python3", HERE / "lock.py", HERE / "german-libreoffice.odt", letter, "a person's"], check=True)
    expect("empty.txt", "text", no_text="not_found").write_bytes(b"")


def make_text_kinds():
    """Makes mail, pages, texts and archives of kinds that are often read wrongly."""
    for make in (text_kinds.mails, text_kinds.odd_mails, text_kinds.signed, text_kinds.pages,
                 text_kinds.texts, text_kinds.archives, text_kinds.tables, text_kinds.pictures):
        make(expect)


def make_office_kinds():
    """Makes Office files with the code pages, parts and protections of many programs."""
    words = {"english": ENGLISH, "german": GERMAN, "french": FRENCH, "russian": RUSSIAN, "japanese": JAPANESE, "arabic": ARABIC,
             "greek": GREEK, "polish": POLISH, "chinese": CHINESE, "korean": KOREAN}
    office_kinds.make(expect, words, HERE / "berths.xlsx")
    package_kinds.make(expect, words)
    word_kinds.make(expect, words)
    suite_kinds.make(expect, words, (HERE / "english-reportlab.pdf").read_bytes())
    onenote_kinds.make(expect, words)
    archive_kinds.make(expect, words, (HERE / "english-reportlab.pdf").read_bytes())


def main():
    """Makes all files, or only the parts that are named on the command line."""
    parts = {part.__name__.removeprefix("make_"): part for part in (
        make_plain, make_html, make_mail, make_word, make_sheets, make_slides, make_pdf, make_pictures,
        make_text_kinds, make_office_kinds, make_pdf_kinds)}
    listing = HERE / "expected.json"
    if sys.argv[1:]:
        EXPECTED.update(json.loads(listing.read_text()))
    for name in sys.argv[1:] or parts:
        parts[name]()
    lines = ",\n".join(f" {json.dumps(name)}: {json.dumps(EXPECTED[name], ensure_ascii=False)}" for name in sorted(EXPECTED))
    listing.write_text(f"{{\n{lines}\n}}\n")


if __name__ == "__main__":
    main()
