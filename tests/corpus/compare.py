#!/usr/bin/env python3
"""Compares the reader with well-known tools: how many of the words of each are also in the other's text.

    compare.py PROGRAM TIKA FOLDER...

PROGRAM is `classify`, and TIKA the jar of `tika-app`. Needs Java, pdftotext and catdoc, and from PyPI:
pypdfium2 python-docx openpyxl python-pptx odfpy striprtf extract-msg EbookLib aspose-note-foss
numbers-parser. Tesseract must be absent, because Tika would use it. The reader starts a child for each
file. A tool reads all files of its format in one process, if it can. Prints a table in Markdown.
"""

import json
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import unicodedata
from collections import Counter
from contextlib import redirect_stdout
from pathlib import Path
from statistics import mean, median

# A word, or a character of a script that puts no spaces between words.
WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
# A file in which a tool finds fewer words than this is not compared with it.
FEWEST = 3


def pypdfium2(path: str) -> str:
    import pypdfium2
    return "\n".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(path))


def python_docx(path: str) -> str:
    import docx
    paper = docx.Document(path)
    cells = (cell.text for table in paper.tables for row in table.rows for cell in row.cells)
    return "\n".join([*(paragraph.text for paragraph in paper.paragraphs), *cells])


def openpyxl(path: str) -> str:
    import openpyxl
    sheets = openpyxl.load_workbook(path, read_only=True, data_only=True).worksheets
    return "\n".join(str(cell) for sheet in sheets for row in sheet.values for cell in row if cell is not None)


def python_pptx(path: str) -> str:
    import pptx
    shapes = [shape for slide in pptx.Presentation(path).slides for shape in slide.shapes]
    tables = (shape.table for shape in shapes if shape.has_table)
    cells = (cell.text for table in tables for row in table.rows for cell in row.cells)
    return "\n".join([*(shape.text_frame.text for shape in shapes if shape.has_text_frame), *cells])


def odfpy(path: str) -> str:
    from odf import opendocument, teletype, text
    paper = opendocument.load(path)
    return "\n".join(teletype.extractText(line) for kind in (text.H, text.P) for line in paper.getElementsByType(kind))


def striprtf(path: str) -> str:
    from striprtf.striprtf import rtf_to_text
    return rtf_to_text(Path(path).read_text("latin-1"), errors="ignore")


def extract_msg(path: str) -> str:
    import extract_msg
    message = extract_msg.openMsg(path)
    return "\n".join([message.subject or "", message.body or ""])


def ebooklib(path: str) -> str:
    from ebooklib import ITEM_DOCUMENT, epub
    pages = epub.read_epub(path).get_items_of_type(ITEM_DOCUMENT)
    return "\n".join(re.sub(r"<[^>]*>", " ", page.get_content().decode()) for page in pages)


def aspose_note(path: str) -> str:
    from aspose.note import Document, RichText
    return "\n".join(text.Text for text in Document(path).GetChildNodes(RichText))


def numbers_parser(path: str) -> str:
    import numbers_parser
    tables = [table for sheet in numbers_parser.Document(path).sheets for table in sheet.tables]
    return "\n".join(str(cell) for table in tables for row in table.rows(values_only=True) for cell in row if cell)


def email(path: str) -> str:
    from email import policy, message_from_bytes
    message = message_from_bytes(Path(path).read_bytes(), policy=policy.default)
    body = message.get_body(("plain", "html"))
    return "\n".join([message["subject"] or "", body.get_content() if body else ""])


# The endings of each format, and the tools beside Tika that read it: functions, or commands.
FORMATS = {
    "pdf": ("pdf", ["pdftotext", "-q", "{}", "-"], pypdfium2),
    "docx": ("docx docm dotx", python_docx), "doc": ("doc", ["catdoc", "-dutf-8", "-w", "{}"]),
    "xlsx": ("xlsx xlsm", openpyxl), "xls": ("xls", ["xls2csv", "-dutf-8", "{}"]), "xlsb": ("xlsb",),
    "pptx": ("pptx ppsx", python_pptx), "ppt": ("ppt",),
    "odt, ods, odp": ("odt ods odp odg ott ots otp", odfpy), "sxw, fodt": ("sxw sxc sxi fodt",),
    "rtf": ("rtf", striprtf), "html": ("html htm xhtml",), "eml": ("eml", email), "msg": ("msg", extract_msg),
    "epub": ("epub", ebooklib), "archives": ("zip tar gz 7z",), "vsdx, pub": ("vsdx pub",),
    "one": ("one", aspose_note), "pages, key": ("pages key",), "numbers": ("numbers", numbers_parser),
    "wpd": ("wpd wp",), "xml, dbf": ("xml dbf",), "text": ("txt md csv",),
}


def count_words(text: str) -> Counter:
    return Counter(WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run(command: list, source: "Path | None" = None) -> str:
    with open(source or "/dev/null", "rb") as document:
        return subprocess.run(command, stdin=document, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.decode(errors="replace")


def read_by_us(program: str, files: list) -> dict:
    return {file: json.loads(run([program, "extract"], file) or '{"text": ""}')["text"] for file in files}


def read_by_tika(jar: str, files: list) -> dict:
    with tempfile.TemporaryDirectory() as folder:
        names = {file: f"{number}{file.suffix}" for number, file in enumerate(files)}
        (Path(folder) / "in").mkdir()
        for file, name in names.items():
            shutil.copy(file, Path(folder) / "in" / name)
        run(["java", "-jar", jar, "-t", "-i", f"{folder}/in", "-o", f"{folder}/out"])
        found = {file: Path(folder) / "out" / f"{name}.txt" for file, name in names.items()}
        return {file: answer.read_text(errors="replace") if answer.is_file() else "" for file, answer in found.items()}


def read_by_tool(tool: object, files: list) -> dict:
    if isinstance(tool, list):
        return {file: run([part.format(file) for part in tool]) for file in files}
    return dict(zip(files, json.loads(run([sys.executable, __file__, "--with", tool.__name__, *files]))))


def read_with(name: str, files: list) -> None:
    """Prints the texts of the files as the function of this name reads them."""
    texts = []
    for file in files:
        try:
            # Some libraries print their errors, or even exit.
            with redirect_stdout(sys.stderr):
                texts.append(globals()[name](file))
        except (Exception, SystemExit):
            texts.append("")
    print(json.dumps(texts))


def share(found: Counter, wanted: Counter) -> float:
    return (found & wanted).total() / wanted.total()


def compare(name: str, ours: dict, theirs: dict, mine_s: float, their_s: float, kind: str) -> str:
    pairs = [(count_words(ours[file]), count_words(theirs[file])) for file in ours]
    both = [(mine, other) for mine, other in pairs if other.total() >= FEWEST]
    only_us = sum(mine.total() >= FEWEST > other.total() for mine, other in pairs)
    if not both:
        return f"| {kind} | {name} | 0 | {only_us} | | | |"
    forth = [share(*pair) for pair in both]
    back = [share(other, mine) if mine else 1.0 for mine, other in both]
    figures = (f"{median(values):.3f}, {mean(values):.3f}" for values in (forth, back))
    return f"| {kind} | {name} | {len(both)} | {only_us} | {' | '.join(figures)} | {mine_s / their_s:.3f} |"


def main(program: str, jar: str, folders: list) -> None:
    files = sorted(file for folder in folders for file in Path(folder).rglob("*") if file.is_file())
    print("| format | tool | files | read by us alone | its words that we have: median, mean | ours that it has | CPU, ours to its |")
    print("|---|---|---|---|---|---|---|")
    for kind, (endings, *tools) in FORMATS.items():
        chosen = [file for file in files if file.suffix.lstrip(".").lower() in endings.split()]
        begun = cpu()
        ours, mine_s = read_by_us(program, chosen), cpu() - begun
        for tool in ["Tika", *tools] if chosen else []:
            begun = cpu()
            theirs = read_by_tika(jar, chosen) if tool == "Tika" else read_by_tool(tool, chosen)
            label = tool if tool == "Tika" else tool[0] if isinstance(tool, list) else tool.__name__.replace("_", "-")
            print(compare(label, ours, theirs, mine_s, cpu() - begun, kind), flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--with"]:
        read_with(sys.argv[2], sys.argv[3:])
    else:
        main(sys.argv[1], sys.argv[2], sys.argv[3:])
