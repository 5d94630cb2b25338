//! Finds the parts of Office Open XML (docx, xlsx, pptx). Parts may have any name: relationships say which
//! part is which, beginning with the main part of the package.

use super::markup::{self, Markup, Next};
use super::package::Package;
use crate::protocol::Format;

/// Names that main parts usually have. They are tried if the relationships are lost.
const USUAL: [&str; 3] = ["word/document.xml", "xl/workbook.xml", "ppt/presentation.xml"];

/// A relationship of a part to another one.
pub struct Relationship {
    /// The identifier by which the part refers to it.
    pub id: String,
    /// The last word of its type, such as `slide`.
    pub kind: String,
    /// The name of the other part.
    pub target: String,
}

/// The format of a package, told by its main part. Returns `None` if it is no Office document.
pub fn format(package: &mut Package<'_>) -> Option<Format> {
    let main = main_part(package)?;
    if main.ends_with(".bin") {
        return Some(Format::Xlsb);
    }
    let xml = package.read_text(&main).unwrap_or_default();
    let mut root = None;
    markup::walk(&xml, |markup| {
        if let Markup::Open(name, _) = markup {
            root = Some(name.to_owned());
        }
        if root.is_some() { Next::Stop } else { Next::Continue }
    });
    match root.as_deref() {
        Some("document") => Some(Format::Docx),
        Some("workbook") => Some(Format::Xlsx),
        Some("presentation") => Some(Format::Pptx),
        Some(_) => None,
        // The main part is cut off. Its folder tells the format.
        None => [("word/", Format::Docx), ("xl/", Format::Xlsx), ("ppt/", Format::Pptx)]
            .into_iter()
            .find(|(folder, _)| main.starts_with(folder))
            .map(|(_, format)| format),
    }
}

/// The name of the main part.
pub fn main_part(package: &mut Package<'_>) -> Option<String> {
    let related = relationships(package, "").into_iter().find(|other| other.kind == "officeDocument");
    let named = || USUAL.iter().map(|name| (*name).to_owned()).find(|name| package.has(name));
    related.map(|related| related.target).or_else(named).or_else(|| {
        // Of a package that is cut off, some parts may be there without the main part.
        let parts = [("word/", 0), ("xl/worksheets/", 1), ("ppt/slides/", 2)];
        let found =
            parts.iter().find(|(folder, _)| !package.names(|name| name.starts_with(folder)).is_empty());
        found.and_then(|(_, place)| USUAL.get(*place)).map(|name| (*name).to_owned())
    })
}

/// The relationships of a part, or those of the package if the part's name is empty.
pub fn relationships(package: &mut Package<'_>, part: &str) -> Vec<Relationship> {
    let (folder, name) = part.rsplit_once('/').unwrap_or(("", part));
    let Some(xml) = package.read_text(&format!("{folder}/_rels/{name}.rels")) else { return Vec::new() };
    let mut found = Vec::new();
    markup::walk(&xml, |markup| {
        if let Markup::Open("Relationship", element) = markup
            && !element.has("TargetMode", "External")
        {
            let attribute = |name| element.attribute(name).unwrap_or_default();
            let kind = attribute("Type").rsplit('/').next().unwrap_or_default().to_owned();
            found.push(Relationship {
                id: attribute("Id"),
                kind,
                target: resolve(folder, &attribute("Target")),
            });
        }
        Next::Continue
    });
    found
}

/// The targets of a part's relationships of these kinds.
pub fn related(package: &mut Package<'_>, part: &str, kinds: &[&str]) -> Vec<String> {
    let all = relationships(package, part).into_iter();
    all.filter(|other| kinds.contains(&other.kind.as_str())).map(|other| other.target).collect()
}

/// The targets of a part's relationships of these kinds, and in turn the targets of those.
pub fn reachable(package: &mut Package<'_>, part: &str, kinds: &[&str]) -> Vec<String> {
    let mut found = related(package, part, kinds);
    let mut place = 0;
    while let Some(part) = found.get(place) {
        let targets = related(package, &part.clone(), kinds);
        for target in targets {
            if !found.contains(&target) {
                found.push(target);
            }
        }
        place += 1;
    }
    found
}

/// The name of a part that another part in `folder` refers to.
pub fn resolve(folder: &str, target: &str) -> String {
    let target = target.replace('\\', "/");
    let mut steps: Vec<&str> = if target.starts_with('/') { Vec::new() } else { folder.split('/').collect() };
    for step in target.split('/') {
        match step {
            ".." => {
                steps.pop();
            }
            "." | "" => {}
            step => steps.push(step),
        }
    }
    steps.join("/").trim_start_matches('/').to_owned()
}
