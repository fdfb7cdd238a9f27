//! Photoshop's image resources, the place of IPTC data in JPEGs and many TIFFs (Photoshop file formats, “Image
//! Resources Section”).

use super::bytes::{available, be16, be32, slice};

const IPTC: u16 = 0x0404;

/// The IPTC data among some resources; of data that is cut, what is there.
pub(crate) fn iptc(resources: &[u8]) -> Option<&[u8]> {
    let mut at = 0;
    while slice(resources, at, 4)? == b"8BIM" {
        let number = be16(resources, at + 4)?;
        // A name with its length before it, and then the data: each fills an even number of bytes.
        let name = usize::from(*resources.get(at + 6)?) + 1;
        let length_at = at + 6 + name + (name & 1);
        let length = usize::try_from(be32(resources, length_at)?).ok()?;
        let data_at = length_at + 4;
        if number == IPTC {
            return Some(available(resources, data_at, length));
        }
        at = data_at.checked_add(length)?.checked_add(length & 1)?;
    }
    None
}
