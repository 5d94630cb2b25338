//! Images that a child makes of documents without text.

use std::io::Cursor;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use extract::{Error, Extracted, MAX_IMAGE_BYTES, MAX_IMAGE_SIDE, MAX_IMAGES, NoText};
use image::codecs::png::PngEncoder;
use image::{DynamicImage, ExtendedColorType, ImageEncoder as _, ImageFormat, Rgb, RgbImage};
use tests::hostile::pdf;

use crate::corpus;
use crate::named_extractor::NamedExtractor;

/// Has a child read these bytes, so slowly if need be that only its CPU time limits it.
async fn read_patiently(bytes: &[u8], draws: bool) -> Result<Extracted, Error> {
    let mut extractor = tests::extractor();
    (extractor.draws, extractor.timeout) = (draws, Duration::from_secs(600));
    extractor.read(bytes).await
}

/// Has a child read these bytes and draw them.
async fn draw(bytes: &[u8]) -> Extracted {
    read_patiently(bytes, true).await.unwrap()
}

/// Decodes the images of an answer.
fn decode(found: &Extracted) -> Vec<RgbImage> {
    let decode = |image: &extract::Image| {
        let jpeg = STANDARD.decode(&image.0).unwrap();
        assert!(jpeg.len() <= MAX_IMAGE_BYTES);
        image::load_from_memory_with_format(&jpeg, ImageFormat::Jpeg).unwrap().to_rgb8()
    };
    found.images.iter().map(decode).collect()
}

/// Encodes a picture that is red on the left and white on the right.
fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let color = |x, _| if x < width / 2 { Rgb([255, 0, 0]) } else { Rgb([255; 3]) };
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::from(RgbImage::from_fn(width, height, color)).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn is_near(found: Rgb<u8>, expected: [u8; 3]) -> bool {
    found.0.iter().zip(expected).all(|(found, expected)| found.abs_diff(expected) < 16)
}

#[tokio::test]
async fn a_picture_of_any_format_becomes_one_small_image() {
    for format in
        [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP, ImageFormat::Gif, ImageFormat::Tiff]
    {
        let found = draw(&picture(2048, 512, format)).await;
        assert_eq!(found.no_text, Some(NoText::Image), "{format:?}");
        let [image] = decode(&found).try_into().unwrap();
        assert_eq!(image.dimensions(), (1024, 256), "{format:?}");
        assert!(is_near(*image.get_pixel(100, 100), [255, 0, 0]), "{format:?}");
        assert!(is_near(*image.get_pixel(900, 100), [255, 255, 255]), "{format:?}");
    }
    let [small] = decode(&draw(&picture(40, 20, ImageFormat::Png)).await).try_into().unwrap();
    assert_eq!(small.dimensions(), (40, 20), "a small picture is not made larger");
}

#[tokio::test]
async fn writing_on_a_transparent_ground_is_on_white() {
    let mut png = Vec::new();
    PngEncoder::new(&mut png).write_image(&[0; 16 * 16 * 4], 16, 16, ExtendedColorType::Rgba8).unwrap();
    let [image] = decode(&draw(&png).await).try_into().unwrap();
    assert!(is_near(*image.get_pixel(8, 8), [255; 3]));
}

#[tokio::test]
async fn the_first_pages_of_a_scan_are_drawn() {
    let found = draw(&pdf::with_scans(0, 5)).await;
    assert_eq!(found.no_text, Some(NoText::NotFound));
    let images = decode(&found);
    assert_eq!(images.len(), MAX_IMAGES);
    for image in images {
        assert_eq!(image.dimensions(), (768, MAX_IMAGE_SIDE.into()));
        assert!(is_near(*image.get_pixel(300, 500), [0x80; 3]), "the page shows a grey picture");
    }
}

#[tokio::test]
async fn a_scan_is_drawn_however_it_is_compressed() {
    for name in ["scan.pdf", "receipt.tiff", "receipt-fax.tiff"] {
        let [image] = decode(&draw(&corpus::read_file(name)).await).try_into().unwrap();
        let dark = image.pixels().filter(|pixel| pixel.0 < [0x40; 3]).count();
        assert!(dark > 100 && dark < image.pixels().count() / 2, "{name}: {dark} pixels are dark");
    }
}

/// Encodes a TIFF file of grey pages. Each page is a brightness, and the kind that its directory names. The
/// last directory leads to the first page again.
fn tiff(is_big_endian: bool, pages: &[(u8, u32)]) -> Vec<u8> {
    const SIDE: u32 = 8;
    let order = |little: &[u8]| {
        if is_big_endian { little.iter().rev().copied().collect() } else { little.to_vec() }
    };
    let (short, long) = (|n: u16| order(&n.to_le_bytes()), |n: u32| order(&n.to_le_bytes()));
    let mut file = [if is_big_endian { b"MM" } else { b"II" }.to_vec(), short(42), long(8)].concat();
    for (number, (brightness, kind)) in pages.iter().enumerate() {
        let entries =
            [(254, *kind), (256, SIDE), (257, SIDE), (258, 8), (259, 1), (262, 1), (273, 0), (279, 64)];
        let pixels = file.len() as u32 + 2 + entries.len() as u32 * 12 + 4;
        file.extend(short(entries.len() as u16));
        for (tag, value) in entries {
            let value = if tag == 273 { pixels } else { value };
            file.extend([short(tag), short(4), long(1), long(value)].concat());
        }
        let is_last = number + 1 == pages.len();
        file.extend(long(if is_last { 8 } else { pixels + SIDE * SIDE }));
        file.extend([*brightness; (SIDE * SIDE) as usize]);
    }
    file
}

#[tokio::test]
async fn the_first_pages_of_a_tiff_file_are_drawn_without_the_small_copies() {
    const SMALL_COPY: u32 = 1;
    let pages = [(10, 0), (20, SMALL_COPY), (60, 2), (110, 0), (160, 0)];
    for is_big_endian in [false, true] {
        let images = decode(&draw(&tiff(is_big_endian, &pages)).await);
        let found: Vec<u8> = images.iter().map(|image| image.get_pixel(4, 4).0[0]).collect();
        assert_eq!(found, [10, 60, 110], "big-endian: {is_big_endian}");
    }
    let images = decode(&draw(&tiff(false, &[(10, 0), (20, SMALL_COPY)])).await);
    assert_eq!(images.len(), MAX_IMAGES, "a circle ends");
}

#[tokio::test]
async fn only_documents_without_text_are_drawn_and_only_if_that_is_asked_for() {
    assert!(draw(&pdf::with_scans(7, 3)).await.images.is_empty());
    for name in ["english.docx", "empty.txt", "unknown.bin", "encrypted-aes.pdf"] {
        assert!(draw(&corpus::read_file(name)).await.images.is_empty(), "{name}");
    }
    assert!(crate::read(&picture(9, 9, ImageFormat::Png)).await.unwrap().images.is_empty());
    assert!(crate::read(&pdf::with_scans(0, 1)).await.unwrap().images.is_empty());
}

#[tokio::test]
async fn a_picture_that_is_damaged_or_too_large_is_left_out() {
    let whole = picture(2048, 512, ImageFormat::Png);
    // The width is in bytes 16 to 19 of a PNG file.
    let declared = |width: u32| {
        let mut bytes = whole.clone();
        bytes[16..20].copy_from_slice(&width.to_be_bytes());
        bytes
    };
    let huge = picture(20_001, 8, ImageFormat::Png);
    let inflating = picture(6_000, 6_000, ImageFormat::Png);
    let cut = whole[..whole.len() / 2].to_vec();
    for bytes in [declared(u32::MAX), declared(100_000), huge, inflating, cut] {
        let found = draw(&bytes).await;
        assert_eq!((found.no_text, found.images.len()), (Some(NoText::Image), 0), "{} bytes", bytes.len());
    }
}

/// A square of random colors, of which no small JPEG can be made.
fn noise(side: u32) -> Vec<u8> {
    let mut state = 1_u32;
    let picture = RgbImage::from_fn(side, side, |_, _| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let [_, red, green, blue] = state.to_le_bytes();
        Rgb([red, green, blue])
    });
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

#[tokio::test]
async fn an_image_of_too_many_bytes_is_left_out() {
    assert_eq!(draw(&noise(512)).await.images.len(), 1);
    assert_eq!(draw(&noise(1024)).await.images.len(), 0);
}

#[tokio::test]
async fn of_a_child_that_draws_too_much_and_then_dies_only_three_small_jpegs_are_taken() {
    let mut named = NamedExtractor::misbehaving("drawing");
    named.0.timeout = Duration::from_secs(60);
    assert_eq!(named.0.read(&b"Berth 42"[..]).await.unwrap().images, [], "nobody asked for images");
    named.0.draws = true;
    let found = named.0.read(&b"Berth 42"[..]).await.unwrap();
    assert_eq!(
        found.images.iter().map(|image| &*image.0).collect::<Vec<_>>(),
        ["/9j/AAAA", "/9j/BBBB", "/9j/CCCC"]
    );
}

#[tokio::test]
async fn hostile_files_give_the_same_answer_when_they_are_drawn() {
    for (name, bytes) in pdf::all() {
        let (plain, mut drawn) = tokio::join!(read_patiently(&bytes, false), read_patiently(&bytes, true));
        if let Ok(drawn) = &mut drawn {
            assert!(drawn.images.len() <= MAX_IMAGES, "{name}");
            drawn.images.clear();
        }
        assert_eq!(format!("{plain:?}"), format!("{drawn:?}"), "{name}");
    }
}

#[tokio::test]
async fn a_waiting_child_that_does_not_draw_is_not_used_for_a_document_that_is_drawn() {
    let mut extractor = tests::extractor();
    extractor.timeout = Duration::from_secs(600);
    let mut drawing = extractor.clone();
    drawing.draws = true;
    let scan = pdf::with_scans(0, 1);
    for (extractor, images) in [(&extractor, 0), (&drawing, 1), (&drawing, 1), (&extractor, 0)] {
        assert_eq!(extractor.read(&scan[..]).await.unwrap().images.len(), images);
    }
}
