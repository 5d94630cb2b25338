"""Makes a section of OneNote, from the structures of MS-ONESTORE (the revision store) and MS-ONE (the
property sets). Nothing in it depends on the clock or on chance."""

import hashlib
import struct
import uuid
import zlib

TIME = 1_400_000_000                                     # Time32: seconds since 1980
FILETIME = (TIME + 11_960_265_600) * 10_000_000          # the same moment in 100 ns since 1601
NIL, NIL32 = struct.pack("<QI", 2**64 - 1, 0), struct.pack("<II", 2**32 - 1, 0)     # fcrNil
OID, OIDS, OSIDS = 8, 9, 11                              # property types that refer to objects
SPACES = 0x800                                           # index of the GUID of the object spaces
JCID = dict(
    SectionNode=0x60007, PageSeriesNode=0x60008, PageNode=0x6000B, OutlineNode=0x6000C,
    OutlineElementNode=0x6000D, RichTextOENode=0x6000E, TableNode=0x60022, TableRowNode=0x60023,
    TableCellNode=0x60024, TitleNode=0x6002C, PageManifestNode=0x60037, PageMetaData=0x20030,
    SectionMetaData=0x20031, ReadOnlyAuthor=0x120001, ParagraphStyleObject=0x12004D)
PROPERTY = dict(
    Author=0x1C001D75, AuthorMostRecent=0x20001D79, AuthorOriginal=0x20001D78, Font=0x1C001C0A,
    CachedTitleString=0x1C001CF3, CachedTitleStringFromPage=0x1C001D3C, ColumnCount=0x14001D58,
    ChildGraphSpaceElementNodes=0x2C001D63, ContentChildNodes=0x24001C1F, FontSize=0x10001C0B,
    CreationTimeStamp=0x14001D09, ElementChildNodes=0x24001C20, Hidden=0x08001E16, Hyperlink=0x08001E14,
    IsTitleText=0x08001CB4, LastModifiedTime=0x14001D7A, MetaDataObjectsAboveGraphSpace=0x24003442,
    NotebookManagementEntityGuid=0x1C001C30, OffsetFromParentHoriz=0x14001C14, RowCount=0x14001D57,
    OffsetFromParentVert=0x14001C15, OutlineElementChildLevel=0x0C001C03, PageLevel=0x14001DFF,
    ParagraphStyle=0x2000342C, ParagraphStyleId=0x1C00345A, RgOutlineIndentDistance=0x1C001C12,
    RichEditTextLangID=0x10001CFE, RichEditTextUnicode=0x1C001C22, StructureElementChildNodes=0x24001D5F,
    SchemaRevisionInOrderToRead=0x14001D82, SchemaRevisionInOrderToWrite=0x1400348B,
    TableColumnWidths=0x1C001D66, TextRunFormatting=0x24001E13,
    TextRunIndex=0x1C001E12, TopologyCreationTimeStamp=0x18001C65)
SCHEMA = dict(SchemaRevisionInOrderToRead=0x28, SchemaRevisionInOrderToWrite=0x28)
INDENTS = struct.pack("<B3x2f", 2, 0, 0.75)              # RgOutlineIndentDistance: a count, the values


def guid(name):
    return uuid.uuid5(uuid.NAMESPACE_URL, "https://example.org/onenote/" + name).bytes_le


def exguid(name, number=1):
    return guid(name) + struct.pack("<I", number)        # ExtendedGUID


def value_bytes(kind, value):
    """The data of one property of a type; of references it is only the count, of a bool nothing."""
    if kind in (7, OIDS, OSIDS):
        value = (value + "\0").encode("utf-16-le") if isinstance(value, str) else value
        return struct.pack("<I", len(value)) + (value if kind == 7 else b"")
    return b"" if kind in (2, OID) else value.to_bytes({3: 1, 4: 2, 5: 4, 6: 8}[kind], "little")


def node(number, body=b"", base=0, ref=()):
    """A FileNode; base 1 refers to data and base 2 to a list, by 4 bytes of offset and 4 of size."""
    body = struct.pack(f"<{len(ref)}I", *ref) + body
    return struct.pack("<I", number | len(body) + 4 << 10 | 1 << 23 | base << 27 | 1 << 31) + body


class Space:
    """An object space. The number of an object is its CompactID: n in the low byte, never 0,
    and above it the index of a GUID in the global identification table."""

    def __init__(self, name):
        self.name, self.objects, self.uses = name, [], {}

    def add(self, jcid, **props):
        """Store an ObjectSpaceObjectPropSet and return the number of the object."""
        props = [(PROPERTY[name], PROPERTY[name] >> 26 & 31, value) for name, value in props.items()]
        oids = [i for _, kind, v in props if kind in (OID, OIDS) for i in (v if kind == OIDS else [v])]
        osids = [i for _, kind, v in props if kind == OSIDS for i in v]
        data = struct.pack(f"<I{len(oids)}I", len(oids) | (not osids) << 31, *oids)
        data += struct.pack(f"<I{len(osids)}I", len(osids), *osids) if osids else b""
        ids = [prop | (kind == 2 and value) << 31 for prop, kind, value in props]
        data += struct.pack(f"<H{len(ids)}I", len(ids), *ids)
        data += b"".join(value_bytes(kind, value) for _, kind, value in props)
        number = len(self.objects) * 256 // 255 + 1
        refs = bool(oids) | bool(osids) << 1
        self.objects.append((number, JCID[jcid], refs, data + bytes(-len(data) % 8)))
        self.uses |= {oid: self.uses.get(oid, 0) + oids.count(oid) for oid in oids}
        return number

    def metadata(self, name, title):
        return self.add("PageMetaData", NotebookManagementEntityGuid=guid(name), CachedTitleString=title,
                        PageLevel=1, TopologyCreationTimeStamp=FILETIME, **SCHEMA)


class Page(Space):
    """The object space of one page, with its title and one outline of paragraphs."""

    def __init__(self, name, title, paragraphs):
        super().__init__(name)
        self.author = self.add("ReadOnlyAuthor", Author="A. Writer")
        self.plain, self.link = self.style("p"), self.style("p", Hyperlink=1)
        self.hidden = self.style("p", Hyperlink=1, Hidden=1)
        head = self.outline([self.element(self.text((title, self.style("PageTitle")), IsTitleText=1))])
        head = self.timed("TitleNode", ElementChildNodes=[head], OffsetFromParentHoriz=0,
                          OffsetFromParentVert=0)
        body = self.outline([self.element(self.content(paragraph)) for paragraph in paragraphs])
        page = self.timed("PageNode", ElementChildNodes=[body], StructureElementChildNodes=[head],
                          CachedTitleStringFromPage=title)
        manifest = self.add("PageManifestNode", ContentChildNodes=[page])
        self.roots = {1: manifest, 2: self.metadata(name, title)}

    def timed(self, jcid, **props):
        return self.add(jcid, LastModifiedTime=TIME, **props)

    def style(self, name, **props):
        return self.add("ParagraphStyleObject", ParagraphStyleId=name, Font="Calibri", FontSize=22, **props)

    def outline(self, elements):
        return self.timed("OutlineNode", ElementChildNodes=elements, OutlineElementChildLevel=1,
                          RgOutlineIndentDistance=INDENTS)

    def element(self, content):
        """The content comes first: Tika takes the first id of an object for each of its properties."""
        return self.timed("OutlineElementNode", ContentChildNodes=[content], AuthorMostRecent=self.author,
                          AuthorOriginal=self.author, CreationTimeStamp=TIME, OutlineElementChildLevel=1)

    def text(self, *runs, **props):
        """A text of runs (text, style); TextRunIndex says where each run but the last ends."""
        texts, styles = zip(*runs)
        ends = [len("".join(texts[:i]).encode("utf-16-le")) // 2 for i in range(1, len(texts))]
        return self.timed("RichTextOENode", ParagraphStyle=self.plain if ends else styles[0], **props,
                          TextRunIndex=struct.pack(f"<{len(ends)}I", *ends), TextRunFormatting=styles,
                          RichEditTextLangID=0x409, RichEditTextUnicode="".join(texts))

    def content(self, paragraph):
        """A text, an (address, shown text), or the rows of a table, each a list of such."""
        if isinstance(paragraph, str):
            return self.text((paragraph, self.plain))
        if isinstance(paragraph, tuple):
            return self.text((f'\uFDDFHYPERLINK "{paragraph[0]}"', self.hidden), (paragraph[1], self.link))
        width = len(paragraph[0])
        rows = [self.timed("TableRowNode", ElementChildNodes=[
            self.timed("TableCellNode", ElementChildNodes=[self.element(self.content(cell))],
                       RgOutlineIndentDistance=INDENTS) for cell in row]) for row in paragraph]
        return self.timed("TableNode", ElementChildNodes=rows, RowCount=len(rows), ColumnCount=width,
                          TableColumnWidths=struct.pack(f"<B{width}f", width, *[2.0] * width))


class Store:
    """The file: chunks after the Header, and the number of nodes of each file node list."""

    def __init__(self):
        self.data, self.counts = bytearray(1024), []

    def put(self, chunk):
        """Append a chunk at a multiple of 8 and return where it is: (stp, cb)."""
        self.data += bytes(-len(self.data) % 8) + chunk
        return len(self.data) - len(chunk), len(chunk)

    def node_list(self, *nodes):
        """A file node list in one FileNodeListFragment."""
        self.counts.append((0x10 + len(self.counts), len(nodes)))
        body = struct.pack("<QII", 0xA4567AB1F5F7F4C4, self.counts[-1][0], 0) + b"".join(nodes)
        return self.put(body + bytes(-(len(body) + 20) % 8) + NIL + struct.pack("<Q", 0x8BC215C38233BA4B))

    def space(self, space, gosid, roots):
        """Object group, revision manifest list and object space manifest list of an object space."""
        names = {i: f"{space.name}/{i}" for i in range((space.objects[-1][0] >> 8) + 1)} | {SPACES: "space"}
        group = [node(0xB4, exguid(space.name + "/group")), node(0x22),   # ObjectGroupStart, GlobalIdTable
                 *(node(0x24, struct.pack("<I", i) + guid(name)) for i, name in names.items()), node(0x28)]
        for number, jcid, refs, data in space.objects:   # ObjectDeclaration2RefCountFND, or with an MD5
            uses, read_only = space.uses.get(number, 0) + (number in roots.values()), jcid >> 20 & 1
            body = struct.pack("<IIBB", number, jcid, refs, min(uses, 255))
            body += hashlib.md5(data, usedforsecurity=False).digest() if read_only else b""
            group.append(node(0xC4 if read_only else 0xA4, body, 1, self.put(data)))
        revision = self.node_list(                       # RevisionManifestListStart, RevisionManifestStart6
            node(0x14, gosid + bytes(4)),
            node(0x1E, exguid(space.name + "/revision") + struct.pack("<20xIH", 1, 0)),
            node(0xB0, exguid(space.name + "/group"), 2, self.node_list(*group, node(0xB8))),
            *(node(0x5A, exguid(names[number >> 8], number & 255) + struct.pack("<I", role))
              for role, number in roots.items()), node(0x1C))
        return node(0x08, gosid, 2, self.node_list(node(0x0C, gosid), node(0x10, b"", 2, revision)))

    def finish(self, nodes):
        """Write the root file node list, the transaction log and the Header."""
        root = self.node_list(*nodes)
        log = b"".join(struct.pack("<II", *count) for count in self.counts)
        log = self.put(log + struct.pack("<II", 1, zlib.crc32(log)) + NIL)
        file_type = uuid.UUID("7b5c52e4-d88c-4da7-aeb1-5378d02996d3").bytes_le
        file_format = uuid.UUID("109add3f-911b-49f5-a5d0-1791edc8aed8").bytes_le
        self.data[:296] = b"".join([
            file_type, guid("file"), bytes(16), file_format, struct.pack("<4I", *[0x2A] * 4), bytes(8), NIL32,
            struct.pack("<II8x", 1, 0), NIL32, bytes(28), NIL,       # one transaction; no hashed chunk list
            struct.pack("<QIQI", *log, *root), NIL, struct.pack("<QQ", len(self.data), 0), guid("version"),
            struct.pack("<Q", 1), bytes(44), struct.pack("<4I", *[1] * 4)])
        return bytes(self.data)


def onenote(pages):
    """The bytes of a section file; pages is a list of (title, [paragraphs]); see Page.content."""
    store, section = Store(), Space("section")
    series = [section.add(
        "PageSeriesNode", NotebookManagementEntityGuid=guid(f"series{i}"), TopologyCreationTimeStamp=FILETIME,
        ChildGraphSpaceElementNodes=[SPACES << 8 | i + 2],
        MetaDataObjectsAboveGraphSpace=[section.metadata(f"page{i}", title)])
        for i, (title, _) in enumerate(pages)]
    content = section.add("SectionNode", NotebookManagementEntityGuid=guid("section"),
                          ElementChildNodes=series, TopologyCreationTimeStamp=FILETIME)
    roots = {1: content, 2: section.add("SectionMetaData", **SCHEMA)}
    nodes = [store.space(section, exguid("space"), roots), node(0x04, exguid("space"))]
    for i, page in enumerate(pages):
        page = Page(f"page{i}", *page)
        nodes.append(store.space(page, exguid("space", i + 2), page.roots))
    return store.finish(nodes)


def make(expect, words):
    """Makes a section of two pages, with a link and a table."""
    (german, second, _), (greek, *_), (japanese, *_) = words["german"], words["greek"], words["japanese"]
    pages = [("Harbour of Westport", [german, ("https://example.org", "The timetable"), [[greek, japanese]]]),
             ("Second page", [second])]
    found = [f"Harbour of Westport {german} The timetable {greek} {japanese} Second page {second}"]
    expect("section.one", "one_note", found, absent=["example.org", "HYPERLINK"]).write_bytes(onenote(pages))
