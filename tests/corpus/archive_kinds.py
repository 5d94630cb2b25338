"""Makes archives and books of the corpus as other programs write them."""

import io
import tarfile
import zipfile


def zip_of(parts):
    """A zip archive of these parts, in their order."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return content.getvalue()


def tar_of(files):
    """A tar archive of these files."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return content.getvalue()


def old_tar(name, data):
    """A tar archive of one file without the sign of later versions."""
    header = bytearray(tar_of({name: data})[:512])
    header[257:] = bytes(255)
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header) + data.ljust(512, b"\0") + bytes(1024)


def make_archives(expect, words, pdf):
    """Makes archives. `pdf` is a document that is the first file of one."""
    line, second = words["german"][0], words["greek"][0]
    files = {"berth.txt": line.encode(), "tickets.txt": second.encode()}
    found = ["berth.txt", line, "tickets.txt", second]
    expect("pdf-first.tar", "archive", ["berth.pdf", *found[2:]]).write_bytes(tar_of({"berth.pdf": pdf, "tickets.txt": second.encode()}))
    expect("old.tar", "archive", found[:2]).write_bytes(old_tar("berth.txt", line.encode()))
    whole = zip_of(files)
    expect("marked-split.zip", "archive", found).write_bytes(b"PK00" + whole)
    expect("mark-first.zip", "archive", found).write_bytes(b"\xef\xbb\xbf" + whole)
    for name, page in [("Größe der Öfen.txt", "cp437"), ("図書館の開館時間.txt", "cp932")]:
        raw = name.encode(page)
        archive = zip_of({"x" * len(raw): b"Berth 42"}).replace(b"x" * len(raw), raw)
        expect(f"names-{page}.zip", "archive", [name, "Berth 42"]).write_bytes(archive)


def make_books(expect, words):
    """Makes a book with a list of pages in UTF-16, and without an author."""
    line, second = words["russian"][:2]
    page = '<html xmlns="http://www.w3.org/1999/xhtml"><body><p>{}</p></body></html>'
    package = '<?xml version="1.0" encoding="UTF-16"?><package><metadata><dc:title>A harbour &amp; a quay</dc:title><dc:creator/><dc:date>2019</dc:date></metadata><manifest><item id="b" href="Two.xhtml"/><item id="a" href="one.xhtml"/></manifest>' \
              '<spine><itemref idref="a"/><itemref idref="b"/></spine></package>'
    container = '<container><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>'
    parts = {"mimetype": "application/epub+zip", "META-INF/container.xml": container, "OPS/book.opf": package.encode("utf-16"),
             "OPS/two.xhtml": page.format(second), "OPS/one.xhtml": page.format(line)}
    expect("list-utf16.epub", "epub", [f"A harbour & a quay {line} {second}"], absent=["2019"]).write_bytes(zip_of(parts))


def make(expect, words, pdf):
    """Makes all files."""
    make_archives(expect, words, pdf)
    make_books(expect, words)
