//! What a camera wrote, as people read it.

use crate::photos::Camera;

/// The facts line by line: camera, lens, exposure, time; what is not known is left out.
pub fn lines(camera: &Camera) -> Vec<String> {
    let exposure = [
        camera.focal_length_mm.map(|length| format!("{} mm", short(length))),
        camera.aperture.map(|aperture| format!("f/{}", short(aperture))),
        camera.exposure_seconds.map(exposure_text),
        camera.iso.map(|iso| format!("ISO {iso}")),
    ];
    let exposure: Vec<String> = exposure.into_iter().flatten().collect();
    let taken = camera.taken_at.map(|time| time.format("%-d %B %Y, %H:%M").to_string());
    let lines = [body_text(camera), camera.lens.clone(), Some(exposure.join("  ")), taken];
    lines.into_iter().flatten().map(|line| line.replace('|', "/")).filter(|line| !line.is_empty()).collect()
}

/// “Canon EOS R5”: most models begin with their maker's name, and many makers call themselves a company.
fn body_text(camera: &Camera) -> Option<String> {
    let (make, model) = (camera.make.as_deref(), camera.model.as_deref());
    let first = |text: &str| text.split_whitespace().next().unwrap_or_default().to_lowercase();
    match (make, model) {
        (Some(make), Some(model)) if first(make) != first(model) => {
            let is_company = make.split_whitespace().count() > 2;
            let maker = if is_company { make.split_whitespace().next().unwrap_or(make) } else { make };
            Some(format!("{maker} {model}"))
        }
        (_, Some(model)) => Some(model.to_owned()),
        (make, None) => make.map(str::to_owned),
    }
}

/// “1/250 s”, “0.5 s”, “30 s”.
fn exposure_text(seconds: f64) -> String {
    if seconds > 0.0 && seconds < 0.3 {
        format!("1/{} s", short((1.0 / seconds).round()))
    } else {
        format!("{} s", short(seconds))
    }
}

/// At most one digit behind the point, and no zero there.
fn short(number: f64) -> String {
    let text = format!("{number:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_read_as_photographers_write_them() {
        let camera = Camera {
            make: Some("NIKON CORPORATION".to_owned()),
            model: Some("NIKON D700".to_owned()),
            focal_length_mm: Some(50.0),
            aperture: Some(1.8),
            exposure_seconds: Some(0.004),
            iso: Some(400),
            ..Camera::default()
        };
        assert_eq!(lines(&camera), ["NIKON D700", "50 mm  f/1.8  1/250 s  ISO 400"]);
        assert_eq!(exposure_text(0.5), "0.5 s");
        assert_eq!(exposure_text(30.0), "30 s");
        assert!(lines(&Camera::default()).is_empty());
    }
}
