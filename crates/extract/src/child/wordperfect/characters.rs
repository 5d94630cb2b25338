//! The characters that WordPerfect names by a set and a number. Sets of signs that hardly occur in letters
//! are left out: boxes, icons, and what mathematics builds from pieces; also the incomplete sets of Japanese
//! and Arabic.

/// Shows where a set has no character, or only one that is combined with others.
const NONE: char = '\u{fffd}';

/// Letters of Latin scripts.
const LATIN: &str = "\
    �·�������’�ʼ��°��������ßĸjÁáÂâÄäÀàÅåÆæÇçÉéÊêËëÈèÍíÎîÏïÌìÑñÓóÔôÖöÒòÚúÛûÜüÙùŸÿÃãĐđØøÕõÝýÐðÞþĂăĀāĄąĆćČč\
    ĈĉĊċĎďĚěĖėĒēĘęǴǵĞğǦǧĢģĜĝĠġĤĥĦħİiĪīĮįĨĩĲĳĴĵĶķĹĺĽľĻļĿŀŁłŃń�ŉŇňŅņŐőŌōŒœŔŕŘřŖŗŚśŠšŞşŜŝŤťŢţŦŧŬŭŰűŪūŲųŮůŨũ\
    ŴŵŶŷŹźŽžŻżŊŋ��������������ỲỳĎďƠơƯưĔĕĬĭIıŎŏ";

/// Signs of typography.
const SIGNS: &str = "\
    ●○■•*¶§¡¿«»£¥₧ƒªº½¼¢²ⁿ®©¤¾³‛’‘‟”“–—‹›○□†‡™℠℞●◦■▪□▫‒ﬀﬃﬄﬁﬂ…$₣₢₠₤‚„⅓⅔⅛⅜⅝⅞ⓂⓅ€℅℆‰№—¹␉␌␍␊␤␋♼₩₦₨�����������\
    ᴑᴒ";

/// Signs of mathematics.
const MATHEMATICS: &str = "\
    −±≤≥∝/∕∖÷∣⟨⟩∼≈≡∈∩∥∑∞¬→←↑↓↔↕▸◂▴▾⋅·∘∙Å°µ‾×∫∏∓∇∂′″→ℯℓℏℑℜ℘⇄⇆⇒⇐⇑⇓⇔⇕↗↘↖↙∪⊂⊃⊆⊇∍∅⌈⌉⌊⌋≪≫∠⊗⊕⊖⨸⊙∧∨⊻⊤⊥⌒⊢⊣□■◊◆⟦⟧≠\
    ≢∵∴∷∮ℒℭℨ℘⃝⧋◇⋆‴∐≃≅≺";

/// Greek letters.
const GREEK: &str = "\
    ΑαΒβΒϐΓγΔδΕεΖζΗηΘθΙιΚκΛλΜμΝνΞξΟοΠπΡρΣσΣςΤτΥυΦφΧχΨψΩωΆάΈέΉήΊίΪϊΌόΎύΫϋΏώεϑϰϖ";

/// Hebrew letters.
const HEBREW: &str = "\
    אבגדהוזחטיךכלםמןנסעףפץצקרשת־׀׃׳";

/// Cyrillic letters, since WordPerfect 6.
const CYRILLIC: &str = "\
    АаБбВвГгДдЕеЁёЖжЗзИиЙйКкЛлМмНнОоПпРрСсТтУуФфХхЦцЧчШшЩщЪъЫыЬьЭэЮюЯяӘәЃѓҐґҒғЂђЄєЄєҖҗЅѕ��ИиІіЇї��ЈјЌќҚқ\
    ӃӄҜҝЉљҢңЊњѺѻѠѡЋћЎўӮӯҮүҰұƔɣҲҳХхҺһѾѿЏџҶҷҸҹШшѢѣѦѧѪѫѮѯѰѱѲѳѴѵАаЕеЄєИиІіЇїОоУуЫыЭэЮюЯяАаЀѐЁёЍѝОоУуЫы";

/// Cyrillic letters of WordPerfect 5.
const CYRILLIC_5: &str = "\
    АаБбВвГгДдЕеЁёЖжЗзИиЙйКкЛлМмНнОоПпРрСсТтУуФфХхЦцЧчШшЩщЪъЫыЬьЭэЮюЯяҐґЂђЃѓЄєЅѕІіЇїЈјЉљЊњЋћЌќЎўЏџѢѣѲѳѴѵ\
    ѪѫꙀꙁЩщӀӏѦѧ";

/// Returns a character of WordPerfect 6 and later.
pub fn get(set: u8, number: u8) -> Option<char> {
    let characters = match set {
        0 => return number.is_ascii_graphic().then_some(number.into()),
        1 => LATIN,
        4 => SIGNS,
        6 => MATHEMATICS,
        8 => GREEK,
        9 => HEBREW,
        10 => CYRILLIC,
        _ => return None,
    };
    find(characters, number)
}

/// Returns a character of WordPerfect 5.
pub fn get_5(set: u8, number: u8) -> Option<char> {
    if set == 10 { find(CYRILLIC_5, number) } else { get(set, number) }
}

fn find(characters: &str, number: u8) -> Option<char> {
    characters.chars().nth(number.into()).filter(|character| *character != NONE)
}
