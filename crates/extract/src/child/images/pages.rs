//! Draws the pages of PDF files.

use std::io;
use std::sync::Arc;

use hayro::hayro_syntax::Pdf;
use hayro::hayro_syntax::page::Page;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings, render};
use image::RgbImage;

use super::super::pdf;
use crate::protocol::{MAX_IMAGE_SIDE, MAX_IMAGES};

/// Draws the first pages, and passes them on one by one.
///
/// # Errors
/// An image cannot be passed on.
pub fn draw(file: Arc<Vec<u8>>, mut pass_on: impl FnMut(RgbImage) -> io::Result<()>) -> io::Result<()> {
    let Ok(document) = Pdf::new(file) else { return Ok(()) };
    document.pages().iter().take(MAX_IMAGES).filter_map(draw_page).try_for_each(&mut pass_on)
}

/// Draws a page on white paper, so that its longer side is that of an image. Its cache is not kept, because
/// pages of a scan have nothing in common.
fn draw_page<'a>(page: &'a Page<'a>) -> Option<RgbImage> {
    let (width, height) = page.render_dimensions();
    let scale = f32::from(MAX_IMAGE_SIDE) / width.max(height);
    if !scale.is_finite() || width.min(height) * scale < 1.0 {
        return None;
    }
    let paper = PixmapSettings { x_scale: scale, y_scale: scale, bg_color: WHITE };
    let drawn = render(page, &RenderCache::new(), &pdf::settings(), &RenderSettings::default(), &paper);
    let pixels = drawn.data().iter().flat_map(|pixel| [pixel.r, pixel.g, pixel.b]).collect();
    RgbImage::from_raw(drawn.width().into(), drawn.height().into(), pixels)
}
