//! Makes small images of a document that has no text: of a picture, or of the first pages of a scan.

mod pages;

use std::io::{self, Cursor};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::codecs::jpeg::JpegEncoder;
use image::imageops::overlay;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder as _, ImageReader, Limits, Rgb, RgbImage};

use crate::protocol::{Extracted, Format, Image, MAX_IMAGE_BYTES, MAX_IMAGE_SIDE, NoText};

/// The most memory that decoding a picture may take, in bytes.
const MAX_DECODED_BYTES: u64 = 96 * 1024 * 1024;

/// The longest side of a picture that is decoded, in pixels.
const MAX_DECODED_SIDE: u32 = 20_000;

/// The quality of an image, from 1 to 100: small print stays legible.
const QUALITY: u8 = 75;

/// Makes the images of a document of which no text was found, and passes them on one by one. What cannot be
/// drawn is left out, because the document can be classified without it.
///
/// # Errors
/// An image cannot be passed on.
pub fn draw(
    bytes: Vec<u8>,
    found: &Extracted,
    mut pass_on: impl FnMut(&Image) -> io::Result<()>,
) -> io::Result<()> {
    match (found.format, found.no_text) {
        (Format::Image, Some(NoText::Image)) => decode(&bytes).and_then(encode).iter().try_for_each(pass_on),
        (Format::Pdf, Some(NoText::NotFound)) => {
            pages::draw(bytes, |page| encode(page).map_or(Ok(()), |image| pass_on(&image)))
        }
        _ => Ok(()),
    }
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
