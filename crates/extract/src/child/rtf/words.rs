//! The control words of rich text that decide about text: which destinations are shown, and which words stand
//! for a character.

/// What becomes of the text of a group that begins with a certain control word.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Destination {
    /// The text is part of the text around it.
    Shown,
    /// The text is shown at another place: a footnote, a comment, a header, or a text box.
    Aside,
    /// The text is not shown.
    Hidden,
}

/// What a destination's text is, or `None` if the word begins no destination that is known. `nonesttables`,
/// `nonshppict`, `shprslt` and `upr` repeat for old readers what another group says.
pub fn destination(word: &[u8]) -> Option<Destination> {
    match word {
        b"bkmkpub" | b"cs" | b"do" | b"ds" | b"field" | b"fldrslt" | b"htmltag" | b"listtext" | b"moMath"
        | b"moMathPara" | b"pntext" | b"result" | b"shpinst" | b"ts" | b"ud" => Some(Destination::Shown),
        b"annotation" | b"dptxbxtext" | b"endnote" | b"footer" | b"footerf" | b"footerl" | b"footerr"
        | b"footnote" | b"ftncn" | b"header" | b"headerf" | b"headerl" | b"headerr" | b"shptxt"
        | b"txbxtext" => Some(Destination::Aside),
        b"aftnsep" | b"atnauthor" | b"atndate" | b"atnicn" | b"atnid" | b"atnparent" | b"atnref"
        | b"atntime" | b"atrfend" | b"atrfstart" | b"bkmkend" | b"bkmkstart" | b"colortbl" | b"datafield"
        | b"filetbl" | b"fldinst" | b"fonttbl" | b"ftnsep" | b"generator" | b"info"
        | b"listoverridetable" | b"listtable" | b"nonesttables" | b"nonshppict" | b"objalias"
        | b"objclass" | b"objdata" | b"objname" | b"objsect" | b"pict" | b"pn" | b"private" | b"revtbl"
        | b"rsidtbl" | b"rxe" | b"shprslt" | b"sp" | b"stylesheet" | b"tc" | b"tcn" | b"template"
        | b"themedata" | b"upr" | b"xe" => Some(Destination::Hidden),
        // The properties of formulas.
        [b'm', .., b'P', b'r'] => Some(Destination::Hidden),
        _ => None,
    }
}

/// The character for which a control word stands.
pub fn character(word: &[u8]) -> Option<char> {
    Some(match word {
        b"par" | b"line" | b"lbr" | b"softline" | b"row" | b"nestrow" | b"sect" | b"page" | b"column"
        | b"softpage" | b"softcol" => '\n',
        b"pmartabql" | b"pmartabqc" | b"pmartabqr" | b"pindtabql" | b"pindtabqc" | b"pindtabqr" | b"tab"
        | b"cell" | b"nestcell" => '\t',
        b"emspace" => '\u{2003}',
        b"enspace" => '\u{2002}',
        b"qmspace" => '\u{2005}',
        b"bullet" => '•',
        b"endash" => '–',
        b"emdash" => '—',
        b"lquote" => '‘',
        b"rquote" => '’',
        b"ldblquote" => '“',
        b"rdblquote" => '”',
        b"ltrmark" => '\u{200e}',
        b"rtlmark" => '\u{200f}',
        b"zwj" => '\u{200d}',
        b"zwnj" => '\u{200c}',
        _ => return None,
    })
}
