//! Random guests, built to visit the odd corners: hostile code under a handler that keeps it going.

use super::Guest;
use super::encode::*;
use serde_json::{Value, json};

/// The built-in profiles.
const PROFILES: [&str; 6] = ["pg", "pdp10", "m68k", "arm", "x86", "unmapped"];
/// Every system instruction.
const SYSTEM: [&str; 13] =
    ["lpsw", "spsw", "halt", "rdm", "rdb", "rdl", "setr", "setm", "retu", "lwp", "swp", "in", "out"];
/// Storage sizes: the smallest, some that are no multiple of 16, some with room.
const SIZES: [u32; 12] = [128, 132, 252, 516, 1000, 1000, 1024, 1024, 2048, 4092, 4096, 65536];
/// PSWs in storage for `lpsw` to find.
const POOL: u32 = 6;

/// SplitMix64: small, and the same everywhere.
pub(crate) struct Rng(u64);

impl Rng {
    pub(crate) fn new(seed: u64) -> Self {
        // A state that is no other seed's state a few numbers later: those lie a multiple of the increment apart.
        Rng(mix(mix(seed)))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    fn word(&mut self) -> u32 {
        self.next() as u32
    }

    /// A number below `n`.
    pub(crate) fn below(&mut self, n: u32) -> u32 {
        (self.next() % u64::from(n)) as u32
    }

    fn between(&mut self, low: i32, high: i32) -> i32 {
        low + self.below((high - low + 1) as u32) as i32
    }

    fn percent(&mut self, chance: u32) -> bool {
        self.below(100) < chance
    }

    pub(crate) fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u32) as usize]
    }
}

fn mix(z: u64) -> u64 {
    let z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}

/// The guest of `seed`, on a built-in profile. Guests `2n` and `2n + 1` differ in nothing but their images and
/// counts, so that they can share a monitor's machine.
pub(crate) fn guest(seed: u64) -> Guest {
    let mut shared = Rng::new(seed / 2 + (1 << 40));
    let profile = json!(if shared.percent(25) { "pg" } else { shared.pick(&PROFILES) });
    let mut guest = build(seed, &mut shared, profile);
    guest.name = format!("seed-{seed}");
    guest
}

/// The guest of `seed`, on a profile of its own: any action for any system instruction.
pub(crate) fn guest_with_own_profile(seed: u64) -> Guest {
    let mut shared = Rng::new(seed + (1 << 41));
    let actions: &[&str] = shared.pick(&[
        &["trap", "ignore"] as &[&str],
        &["trap", "execute", "ignore"],
        &["trap", "trap", "trap", "execute"],
        &["execute"],
        &["ignore"],
    ]);
    let profile: Value = SYSTEM.iter().map(|name| (name.to_string(), json!(shared.pick(actions)))).collect();
    let mut guest = build(seed, &mut shared, profile);
    guest.name = format!("own-profile-{seed}");
    guest
}

fn build(seed: u64, shared: &mut Rng, profile: Value) -> Guest {
    let memory = shared.pick(&SIZES);
    let meeting = u64::from(shared.below(150));
    let input = (0..shared.below(7)).map(|_| shared.word() as u8).collect();
    let output_limit = shared.pick(&[3, 1 << 20, 1 << 20, 1 << 20]);
    let mut rng = Rng::new(seed);
    let (image, lengths) = match rng.below(20) {
        0 => (noise(&mut rng, memory), [6, 30, 200]),
        1 | 2 => (Builder::new(&mut rng, memory).wild(), [6, 40, 200]),
        _ if memory < 1000 => (Builder::new(&mut rng, memory).wild(), [6, 40, 200]),
        _ => (Builder::new(&mut rng, memory).resuming(), [200, 600, 1500]),
    };
    let mut counts: Vec<u64> = lengths.iter().map(|n| u64::from(rng.below(*n))).collect();
    counts.push(meeting);
    counts.sort_unstable();
    Guest { name: String::new(), image, memory, profile, input, output_limit, counts }
}

/// Random bytes, of any length that fits, behind a new PSW that can mostly be fetched from.
fn noise(rng: &mut Rng, memory: u32) -> Vec<u8> {
    let length = rng.below(memory.min(600)) + 1;
    let mut image: Vec<u8> = (0..length).map(|_| rng.word() as u8).collect();
    if length >= 52 && rng.percent(80) {
        let start = rng.below(length) & !3;
        let slot: Vec<u32> = vec![rng.below(2), 0, memory, start, rng.below(9)];
        image[0x20..0x34].copy_from_slice(&slot.iter().flat_map(|w| w.to_le_bytes()).collect::<Vec<_>>());
    }
    if image.starts_with(b"\x7fELF") {
        image[0] = 0;
    }
    image
}

/// What random code may refer to.
struct Builder<'a> {
    rng: &'a mut Rng,
    memory: u32,
    /// Where code begins and ends, and the PSW pool begins.
    code: std::ops::Range<u32>,
    words: Vec<u32>,
}

impl<'a> Builder<'a> {
    fn new(rng: &'a mut Rng, memory: u32) -> Self {
        let end = memory.min(0x400) - 40;
        Builder { rng, memory, code: 0x80.min(end)..end, words: vec![0; 32] }
    }

    /// Random code from 0x40 on, and a slot 1 that is anything.
    fn wild(mut self) -> Vec<u8> {
        self.words.truncate(16);
        if self.memory < 0x100 {
            self.code.start = 0x40;
        }
        let end = self.memory.min(0x200) as usize / 4;
        while self.words.len() < end {
            self.emit();
        }
        self.words.truncate(end);
        let slot = self.psw();
        self.words[8..13].copy_from_slice(&slot);
        self.bytes()
    }

    /// Registers that point at interesting places, random code, and a handler that goes on behind what trapped.
    fn resuming(mut self) -> Vec<u8> {
        let body_end = 0x200 + 4 * self.rng.below(40);
        self.code = 0xd0..body_end;
        let handler = self.handler();
        let pool = body_end + 4 * handler.len() as u32;
        for word in self.prelude(pool) {
            self.words.push(word);
        }
        if self.rng.percent(50) {
            self.words.push(lpsw(20 * self.rng.below(POOL) as i32, 1));
        }
        while (self.words.len() as u32) < body_end / 4 {
            self.emit();
        }
        self.words.truncate(body_end as usize / 4);
        let slot = [
            self.rng.word() & !1,
            self.rng.below(4),
            self.rng.pick(&[self.memory, u32::MAX]),
            body_end,
            if self.rng.percent(10) { self.rng.below(20) } else { 0 },
        ];
        self.words[8..13].copy_from_slice(&slot);
        self.words.extend(handler);
        for _ in 0..POOL {
            let psw = self.psw();
            self.words.extend(psw);
        }
        self.bytes()
    }

    /// `x1` the pool, `x2` and `x3` code, `x4` the end of storage, `x5..x9` bases, limits, small and huge numbers.
    fn prelude(&mut self, pool: u32) -> Vec<u32> {
        let values = [
            pool,
            self.place(),
            self.place() + self.rng.pick(&[1, 2, 3]),
            self.memory.wrapping_add_signed(self.rng.between(-24, 4)),
            self.rng.word(),
            self.base(),
            self.limit(),
            self.rng.below(9),
            self.rng.between(-30, -1) as u32,
        ];
        (1..).zip(values).flat_map(|(register, value)| li(register, value)).collect()
    }

    /// Skips the instruction that trapped, and behind a timer trap a few more or none; resumes with, by chance, another mode, a
    /// whole segment, a place within the code, a running timer.
    fn handler(&mut self) -> Vec<u32> {
        let mut code = vec![lwp(31, 12, 0), addi(31, 31, 4)];
        if self.rng.percent(50) {
            let behind_timer = self.rng.pick(&[-4, 0, 24, 48, 88]);
            code.extend([
                lwp(30, 0, 0),
                i(8, 30, 5, 30, 0x13), // srli: the cause
                addi(30, 30, -7),
                branch(1, 30, 0, 8),
                addi(31, 31, behind_timer),
            ]);
        }
        if self.rng.percent(85) {
            let floor = self.rng.pick(&[0x80, 0xc0, 0x100]);
            code.extend([i(0x1fc, 31, 7, 31, 0x13), i(floor, 31, 6, 31, 0x13)]); // andi, ori
        }
        code.push(swp(31, 12, 0));
        if self.rng.percent(80) {
            code.extend([swp(0, 4, 0), lui(30, 0x1_0000), swp(30, 8, 0)]);
        }
        if self.rng.percent(80) {
            code.extend([addi(30, 0, self.rng.between(1, 5)), swp(30, 16, 0)]);
        }
        if self.rng.percent(50) {
            code.extend([lwp(30, 0, 0), i(1, 30, 4, 30, 0x13), swp(30, 0, 0)]);
        }
        code.push(lpsw(0, 0));
        code
    }

    /// A word of code.
    fn place(&mut self) -> u32 {
        self.code.start + (self.rng.below(self.code.len() as u32) & !3)
    }

    fn base(&mut self) -> u32 {
        let near = self.memory.wrapping_add_signed(self.rng.between(-40, 8));
        let wild = self.rng.word();
        self.rng.pick(&[0, 0, 0, 4, 7, 0x40, near, wild, u32::MAX, 1 << 31])
    }

    fn limit(&mut self) -> u32 {
        let near = self.memory.wrapping_add_signed(self.rng.between(-24, 24));
        let (small, wild) = (self.rng.below(0x200), self.rng.word());
        self.rng.pick(&[self.memory, u32::MAX, near, small, wild, 0, 1 << 31])
    }

    /// Any PSW; more often than not one from which something can be fetched.
    fn psw(&mut self) -> [u32; 5] {
        let timer = [0, 0, 1, 1, 2, 3, 5, 17, u32::MAX, self.rng.word()];
        let timer = self.rng.pick(&timer);
        let place = self.place();
        if self.rng.percent(60) {
            let base = self.rng.pick(&[0, 0, 4, 0x40, 0x43]);
            let limit = self.rng.pick(&[self.memory, self.memory - 0x40, place + 8, place + 4, u32::MAX]);
            return [self.rng.word(), base, limit, place.saturating_sub(base & !3), timer];
        }
        if self.rng.percent(10) {
            return [u32::MAX; 5];
        }
        let odd = place + self.rng.below(4);
        let wild = self.rng.word();
        let pc =
            self.rng.pick(&[place, odd, self.memory - 4, self.memory - 2, self.memory, u32::MAX - 3, wild]);
        [self.rng.word(), self.base(), self.limit(), pc, timer]
    }

    fn bytes(self) -> Vec<u8> {
        let mut bytes: Vec<u8> = self.words.iter().flat_map(|w| w.to_le_bytes()).collect();
        bytes.truncate(self.memory as usize);
        bytes
    }

    fn source(&mut self) -> u32 {
        self.rng.pick(&[0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 31])
    }

    fn target(&mut self) -> u32 {
        self.rng.pick(&[0, 5, 6, 7, 8, 8, 10, 10, 11, 12, 29, 31])
    }

    fn immediate(&mut self) -> i32 {
        match self.rng.below(4) {
            0 => self.rng.between(-24, 24),
            1 => self.rng.below(0x80) as i32,
            2 => self.rng.word() as i32,
            _ => 0,
        }
    }

    /// One instruction, or a few that belong together.
    fn emit(&mut self) {
        let (rd, rs1, rs2, imm) = (self.target(), self.source(), self.source(), self.immediate());
        let word = match self.rng.below(100) {
            0..10 => {
                let funct7 = self.rng.pick(&[0, 0, 0x20, 1, 1, 1]);
                r(funct7, rs2, rs1, self.rng.below(8), rd, 0x33)
            }
            10..16 => i(imm, rs1, self.rng.below(8), rd, 0x13),
            16..20 => r(self.rng.pick(&[0, 0x20]), self.rng.below(32), rs1, self.rng.pick(&[1, 5]), rd, 0x13),
            20..23 => self.rng.pick(&[lui(rd, imm as u32), auipc(rd, imm as u32 & 0x1000)]),
            23..30 => i(imm, rs1, self.rng.below(8), rd, 0x03),
            30..37 => s(imm, rs2, rs1, self.rng.below(4), 0x23),
            37..43 => branch(self.rng.below(8), rs1, rs2, 2 * self.rng.between(-8, 16)),
            43..46 => jal(rd, 2 * self.rng.between(-8, 24)),
            46..49 => jalr(rd, self.rng.pick(&[2, 2, 3]), self.rng.between(-4, 12)),
            49..55 => self.rng.pick(&[ECALL, EBREAK, FENCE, FENCE_I, FENCE | 0xabc0_0f80, 0x200f]),
            55..58 => self.illegal(),
            58..61 => return self.patch_next(),
            _ => self.system(rd, rs1, rs2, imm),
        };
        self.words.push(word);
    }

    fn system(&mut self, rd: u32, rs1: u32, rs2: u32, imm: i32) -> u32 {
        let in_pool = 20 * self.rng.below(POOL) as i32;
        let (to_load, from) =
            self.rng.pick(&[(in_pool, 1), (in_pool, 1), (0, 0), (0x20, 0), (imm, 4), (imm, rs1)]);
        match self.rng.below(30) {
            0..4 => lpsw(to_load, from),
            4..7 => spsw(imm, rs1),
            7 if self.rng.percent(40) => HALT,
            7 | 8 => rdm(rd),
            9 | 10 => rdb(rd),
            11 => rdl(rd),
            12 | 13 => setr(self.rng.pick(&[0, 0, 6, rs1]), self.rng.pick(&[4, 7, rs2])),
            14..17 => setm(rs1),
            17..19 => retu(self.rng.pick(&[2, 2, 3, rs1])),
            19..21 => lwp(rd, imm, rs1),
            21..24 => swp(rs2, imm, rs1),
            24..27 => port_in(rd, self.rng.pick(&[0, 0, 1, 2, imm]), self.rng.pick(&[0, 0, rs1])),
            _ => port_out(rs2, self.rng.pick(&[0, 0, 1, imm]), self.rng.pick(&[0, 0, rs1])),
        }
    }

    /// Words that are no instruction, or hardly one.
    fn illegal(&mut self) -> u32 {
        let field = 1 << self.rng.between(7, 31);
        let system = self.system(0, 0, 0, 0);
        let csr = i(self.rng.word() as i32, 0, self.rng.below(8), 5, 0x73);
        let any = self.rng.word();
        self.rng.pick(&[
            system ^ field,
            system ^ field,
            ECALL ^ field,
            csr,
            any,
            any | 3,
            0,
            u32::MAX,
            0x3020_0073,
        ])
    }

    /// Stores an instruction into the next word or the one behind it, with `sw`, `sb` or `swp`.
    fn patch_next(&mut self) {
        let (rd, rs1) = (self.target(), self.source());
        let new = self.rng.pick(&[ECALL, addi(rd, rs1, 5), HALT ^ 0x80, setm(rs1), rdm(rd), jal(0, 8)]);
        self.words.extend(li(28, new));
        let store =
            self.rng.pick(&[sw(28, 8, 27), sw(28, 12, 27), sb(28, 8, 27), swp(28, 8, 27), sw(28, 6, 27)]);
        self.words.extend([auipc(27, 0), store, NOP, NOP]);
    }
}
