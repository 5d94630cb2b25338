//! Finds vertical writing that is made of letters for horizontal writing, each placed below the last one.

use super::letters::Letter;
use super::lines::is_unspaced;

/// The fewest letters of a stack.
const MIN_LETTERS: usize = 3;

/// Parts the letters into those in lines and those in stacks. The places of the latter are measured down the
/// stacks then.
pub fn part(letters: Vec<Letter>) -> [Vec<Letter>; 2] {
    let (mut lines, mut stacks, mut stack) = (Vec::new(), Vec::new(), Vec::new());
    for letter in letters {
        if stack.last().is_some_and(|last| !is_below(last, &letter)) {
            end_stack(&mut stack, &mut lines, &mut stacks);
        }
        stack.push(letter);
    }
    end_stack(&mut stack, &mut lines, &mut stacks);
    [lines, stacks]
}

fn end_stack(stack: &mut Vec<Letter>, lines: &mut Vec<Letter>, stacks: &mut Vec<Letter>) {
    if stack.len() < MIN_LETTERS {
        lines.append(stack);
    } else {
        stacks.extend(stack.drain(..).map(turned));
    }
}

/// Whether a letter of Chinese, Japanese or Korean stands directly below the last one.
fn is_below(last: &Letter, next: &Letter) -> bool {
    let down = (next.baseline - last.baseline) / last.em.max(f32::MIN_POSITIVE);
    (0.7..2.0).contains(&down)
        && (next.start - last.start).abs() < 0.5 * last.em
        && is_stacked(last)
        && is_stacked(next)
}

/// Whether a letter belongs to a script that is written in stacks.
fn is_stacked(letter: &Letter) -> bool {
    is_unspaced(letter) || letter.text.chars().all(|char| matches!(char, '\u{ac00}'..='\u{d7a3}'))
}

fn turned(letter: Letter) -> Letter {
    let start = letter.baseline - 0.8 * letter.height;
    let middle = (letter.start + letter.end) / 2.0;
    let (em, height) = (letter.height, letter.em);
    Letter { start, end: start + em, baseline: 0.3 * height - middle, em, height, ..letter }
}
