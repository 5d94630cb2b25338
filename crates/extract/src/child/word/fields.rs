//! The fields of a Word document, which may stand within each other. A field has a code, and a result that
//! is shown in its place.

use super::super::flow::Flow;
use super::super::markup::Element;

/// The fields that are open, the innermost last.
#[derive(Default)]
pub struct Fields(Vec<Field>);

#[derive(Default)]
struct Field {
    /// Where the code begins, and after that the result.
    start: usize,
    in_code: bool,
    /// The number of the entry of a list that is chosen, how many entries there are so far, and the entry.
    chosen: Option<usize>,
    entries: usize,
    choice: Option<String>,
}

impl Fields {
    /// Reads a mark: the beginning of a field, the end of its code, or its own end.
    pub fn read_mark(&mut self, element: &Element<'_>, flow: &mut Flow) {
        match element.attribute("fldCharType").as_deref() {
            Some("begin") => {
                self.0.push(Field { start: flow.len(), in_code: true, ..Field::default() });
            }
            Some("separate") => {
                if let Some(field) = self.0.last_mut().filter(|field| field.in_code) {
                    field.in_code = false;
                    flow.truncate(field.start);
                }
            }
            Some("end") => self.close(flow),
            _ => {}
        }
    }

    /// Ends a field. The text within its code is removed only here and before its result, because a field
    /// whose end is lost must not hide the rest of the document. Without a result, the end may be that of
    /// another field, so several lines are kept. Of a list, programs may write no result.
    fn close(&mut self, flow: &mut Flow) {
        let Some(field) = self.0.pop() else { return };
        if field.in_code && flow.is_one_line(field.start) {
            flow.truncate(field.start);
        }
        if flow.len() == field.start {
            flow.push(&field.choice.unwrap_or_default());
        }
    }

    /// Reads a part of a list from which a user chooses: the number of the chosen entry, or an entry.
    pub fn read_list(&mut self, name: &str, element: &Element<'_>) {
        let Some(field) = self.0.last_mut() else { return };
        let value = element.attribute("val").unwrap_or_default();
        match name {
            "result" => field.chosen = value.parse().ok(),
            "default" => field.chosen = field.chosen.or(value.parse().ok()),
            _ => {
                if field.entries == field.chosen.unwrap_or(0) {
                    field.choice = Some(value);
                }
                field.entries += 1;
            }
        }
    }
}
