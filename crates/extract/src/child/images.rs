//! Makes small images of a document that has no text: of a picture, or of the first pages of a scan.

mod pages;
mod tiff;

use std::io::{self, Cursor};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::codecs::jpeg::JpegEncoder;
use image::imageops::overlay;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder as _, ImageReader, Limits, Rgb, RgbImage};

use super::{build_answer, pdf, write_answer};
use crate::protocol::{Format, Image, MAX_IMAGE_BYTES, MAX_IMAGE_SIDE, NoText};

/// The most memory that decoding a picture may take, in bytes.
const MAX_DECODED_BYTES: u64 = 96 * 1024 * 1024;

/// The longest side of a picture that is decoded, in pixels.
const MAX_DECODED_SIDE: u32 = 20_000;

/// The quality of an image, from 1 to 100: small print stays legible.
const QUALITY: u8 = 75;

/// Answers about a picture, and then with a small image of it, or of each of its first pages.
///
/// # Errors
/// Standard output is closed.
pub fn answer_picture(mut bytes: Vec<u8>) -> io::Result<()> {
    write_answer(&build_answer(Format::Image, Err(NoText::Image), false))?;
    leave_out_panics();
    let pages = tiff::find_pages(&bytes);
    if pages.is_empty() {
        return answer_image(&bytes);
    }
    pages.into_iter().try_for_each(|page| {
        tiff::show(&mut bytes, page);
        answer_image(&bytes)
    })
}

/// Answers with a small image of a picture, unless it cannot be decoded.
fn answer_image(bytes: &[u8]) -> io::Result<()> {
    decode(bytes).and_then(encode).iter().try_for_each(write_answer)
}

/// Answers about a PDF file, and then, if no text was found, with images of its first pages.
///
/// # Errors
/// Standard output is closed.
pub fn answer_pdf(bytes: Vec<u8>) -> io::Result<()> {
    let mut file = pdf::share(bytes);
    let found = build_answer(Format::Pdf, pdf::text(&mut file), false);
    write_answer(&found)?;
    if found.no_text != Some(NoText::NotFound) {
        return Ok(());
    }
    leave_out_panics();
    pages::draw(file, |page| encode(page).iter().try_for_each(write_answer))
}

/// Ends this process without a further answer if a library panics: the document can be classified without
/// the images that are missing.
fn leave_out_panics() {
    std::panic::set_hook(Box::new(|_| std::process::exit(0)));
}

/// Decodes a picture, turns it upright, and makes it small.
fn decode(bytes: &[u8]) -> Option<RgbImage> {
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MAX_DECODED_BYTES);
    (limits.max_image_width, limits.max_image_height) = (Some(MAX_DECODED_SIDE), Some(MAX_DECODED_SIDE));
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    reader.limits(limits);
    let mut decoder = reader.into_decoder().ok()?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    if decoder.total_bytes() > MAX_DECODED_BYTES {
        return None;
    }
    let mut small = shrink(DynamicImage::from_decoder(decoder).ok()?);
    small.apply_orientation(orientation);
    Some(on_white(&small))
}

/// Makes a picture small enough. A smaller one stays as it is.
fn shrink(picture: DynamicImage) -> DynamicImage {
    let most = MAX_IMAGE_SIDE.into();
    if picture.width().max(picture.height()) > most {
        // It needs no memory beside the two pictures.
        picture.thumbnail(most, most)
    } else {
        picture
    }
}

/// Puts a picture on white paper, because writing on a transparent ground is black.
fn on_white(picture: &DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.to_rgb8();
    }
    let white = RgbImage::from_pixel(picture.width(), picture.height(), Rgb([255; 3]));
    let mut paper = DynamicImage::from(white);
    overlay(&mut paper, picture, 0, 0);
    paper.to_rgb8()
}

/// Encodes an image, unless it takes too many bytes.
fn encode(picture: RgbImage) -> Option<Image> {
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, QUALITY).encode_image(&picture).ok()?;
    (jpeg.len() <= MAX_IMAGE_BYTES).then(|| Image(STANDARD.encode(jpeg)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::MAX_IMAGES;

    #[test]
    fn the_documented_limits_of_images_are_the_actual_ones() {
        let mebibyte = 1024 * 1024;
        let table = format!(
            "|---|---|\n\
             | images of a document | {MAX_IMAGES} |\n\
             | the longer side of an image | {MAX_IMAGE_SIDE} pixels |\n\
             | an image, as JPEG; larger ones are left out | {} MiB |\n\
             | the longer side of a picture that is decoded | {MAX_DECODED_SIDE} pixels |\n\
             | memory for a decoded picture | {} MiB |\n",
            MAX_IMAGE_BYTES / mebibyte,
            MAX_DECODED_BYTES / mebibyte as u64,
        );
        assert!(include_str!("../../../../docs/EXTRACTION.md").contains(&table), "expected:\n{table}");
    }
}
