//! The fields of a Word document, which may stand within each other. A field has a code, and a result that
//! is shown in its place.

use super::super::flow::Flow;
use super::super::markup::Element;

/// The fields that are open, the innermost last.
#[derive(Default)]
pub struct Fields(Vec<Field>);

struct Field {
    /// Where the code begins, and after that the result.
    start: usize,
    in_code: bool,
}

impl Fields {
    /// Reads a mark: the beginning of a field, the end of its code, or its own end.
    pub fn read_mark(&mut self, element: &Element<'_>, flow: &mut Flow) {
        match element.attribute("fldCharType").as_deref() {
            Some("begin") => self.0.push(Field { start: flow.len(), in_code: true }),
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
    /// another field, so several lines are kept.
    fn close(&mut self, flow: &mut Flow) {
        let Some(field) = self.0.pop() else { return };
        if field.in_code && flow.is_one_line(field.start) {
            flow.truncate(field.start);
        }
    }
}
