//! `pg32 compose`: a monitor and a guest as one image that simply runs.

use crate::args::ComposeArgs;
use crate::failure::{Failure, Status};
use crate::{asm, guests};
use pg32_harness::compose;
use std::sync::Arc;

pub(crate) fn command(args: &ComposeArgs) -> Result<Status, Failure> {
    let monitor = guests::load(&args.vmm, &args.source)?.image;
    let mut image = guests::load(&args.guest, &args.source)?.image;
    for _ in 0..args.depth {
        let composed = compose(&monitor, &image);
        let fail = |e| Failure::usage(format!("{}: {e}", args.vmm.display()));
        image = Arc::new(composed.map_err(fail)?);
    }
    asm::write_image(&image, &args.image.output, args.image.emit)?;
    Ok(Status::Holds)
}
