#!/usr/bin/env python3
"""The PG32 machine, written from the principles of operation and nothing else.

It shares no code, table or idea with the Rust machine, and is slow on purpose: every rule is spelled out once,
in the words of the page, with the section it comes from in brackets. The test `oracle_model` runs random and
directed images through it and through `pg32`, and compares the states byte for byte.

    pg32_model.py IMAGE [--memory N] [--profile NAME] [--input FILE] [--steps N,N,...]
    pg32_model.py --batch      one request per line on standard input:
        {"image": HEX, "memory": N, "profile": NAME or {MNEMONIC: ACTION}, "input": HEX,
         "output_limit": N, "steps": [N, ...]}, the steps in ascending order

Either prints, for each step count, the state as one line of JSON. A batch ends with one more line, the list of
what its steps did ("u lw trap 5", "s setr timer"), so that a test can ask whether it tested anything.
"""

import argparse
import json
import sys

WORD = 0xFFFF_FFFF

# [4] cause numbers
SUPERVISOR_CALL, BREAKPOINT, ILLEGAL, PRIVILEGED, MEMORY, ALIGNMENT, TIMER = 1, 2, 3, 4, 5, 6, 7

# [4] the two slots
SLOT_OLD = 0x00
SLOT_NEW = 0x20

# [7] what a system instruction does in mode u where it is not "trap"
PROFILES = {
    "pg": {},
    "pdp10": {"retu": "execute"},
    "m68k": {"rdm": "execute"},
    "arm": {"setm": "ignore", "setr": "ignore"},
    "x86": {"setm": "ignore", "rdm": "execute", "rdb": "execute", "rdl": "execute", "spsw": "execute"},
    "unmapped": {"lwp": "execute", "swp": "execute"},
}

# [5] all in the custom-0 major opcode; all are privileged in the default profile
SYSTEM = ["lpsw", "spsw", "halt", "rdm", "rdb", "rdl", "setr", "setm", "retu", "lwp", "swp", "in", "out"]


class Trap(Exception):
    """The instruction traps; nothing has happened yet [3]."""

    def __init__(self, cause, info):
        super().__init__(cause, info)
        self.cause = cause
        self.info = info


def signed(value):
    """The 32-bit value read as two's complement."""
    return value - (1 << 32) if value & 0x8000_0000 else value


def bits(word, high, low):
    return (word >> low) & ((1 << (high - low + 1)) - 1)


def extend(value, width):
    """The `width`-bit field as a signed number."""
    return value - (1 << width) if value >> (width - 1) else value


class Insn:
    """The fields of an instruction word, RV32I 2.2 and 2.3."""

    def __init__(self, word):
        self.word = word
        self.opcode = bits(word, 6, 0)
        self.rd = bits(word, 11, 7)
        self.funct3 = bits(word, 14, 12)
        self.rs1 = bits(word, 19, 15)
        self.rs2 = bits(word, 24, 20)
        self.funct7 = bits(word, 31, 25)
        self.imm_i = extend(bits(word, 31, 20), 12)
        self.imm_s = extend(bits(word, 31, 25) << 5 | bits(word, 11, 7), 12)
        self.imm_b = extend(
            bits(word, 31, 31) << 12 | bits(word, 7, 7) << 11 | bits(word, 30, 25) << 5 | bits(word, 11, 8) << 1, 13
        )
        self.imm_u = word & 0xFFFF_F000
        self.imm_j = extend(
            bits(word, 31, 31) << 20 | bits(word, 19, 12) << 12 | bits(word, 20, 20) << 11 | bits(word, 30, 21) << 1,
            21,
        )
        self.name = self.find_name()

    def find_name(self):
        """The mnemonic, or None if there is no such instruction [3, last paragraph]."""
        f3, f7 = self.funct3, self.funct7
        if self.opcode == 0b0110111:
            return "lui"
        if self.opcode == 0b0010111:
            return "auipc"
        if self.opcode == 0b1101111:
            return "jal"
        if self.opcode == 0b1100111:
            return "jalr" if f3 == 0 else None
        if self.opcode == 0b1100011:
            return {0: "beq", 1: "bne", 4: "blt", 5: "bge", 6: "bltu", 7: "bgeu"}.get(f3)
        if self.opcode == 0b0000011:
            return {0: "lb", 1: "lh", 2: "lw", 4: "lbu", 5: "lhu"}.get(f3)
        if self.opcode == 0b0100011:
            return {0: "sb", 1: "sh", 2: "sw"}.get(f3)
        if self.opcode == 0b0010011:
            if f3 == 1:
                return "slli" if f7 == 0 else None
            if f3 == 5:
                return {0: "srli", 0x20: "srai"}.get(f7)
            return {0: "addi", 2: "slti", 3: "sltiu", 4: "xori", 6: "ori", 7: "andi"}[f3]
        if self.opcode == 0b0110011:
            if f7 == 0:
                return ["add", "sll", "slt", "sltu", "xor", "srl", "or", "and"][f3]
            if f7 == 0x20:
                return {0: "sub", 5: "sra"}.get(f3)
            if f7 == 1:
                return ["mul", "mulh", "mulhsu", "mulhu", "div", "divu", "rem", "remu"][f3]
            return None
        if self.opcode == 0b0001111:  # MISC-MEM: funct3 0 or 1, whatever the other fields
            return {0: "fence", 1: "fence.i"}.get(f3)
        if self.opcode == 0b1110011:  # Zicsr, wfi, mret and so on are illegal
            return {0x0000_0073: "ecall", 0x0010_0073: "ebreak"}.get(self.word)
        if self.opcode == 0b0001011:
            return self.find_system_name()
        return None

    def find_system_name(self):
        """[5] A register field that a row does not name must be zero."""
        if self.funct3 == 0:
            return "lpsw" if self.rd == 0 else None
        if self.funct3 == 1:
            return "spsw" if self.rs2 == 0 else None
        if self.funct3 == 2:
            # mnemonic, and which of rd, rs1, rs2 the row names
            rows = {
                0: ("halt", False, False, False),
                1: ("rdm", True, False, False),
                2: ("rdb", True, False, False),
                3: ("rdl", True, False, False),
                4: ("setr", False, True, True),
                5: ("setm", False, True, False),
                6: ("retu", False, True, False),
            }
            if self.funct7 not in rows:
                return None
            name, names_rd, names_rs1, names_rs2 = rows[self.funct7]
            if self.rd != 0 and not names_rd:
                return None
            if self.rs1 != 0 and not names_rs1:
                return None
            if self.rs2 != 0 and not names_rs2:
                return None
            return name
        return {3: "lwp", 4: "swp", 5: "in", 6: "out"}.get(self.funct3)


class Machine:
    """[1] The whole state, at reset with a flat image loaded at 0."""

    def __init__(self, image, size, profile, tape):
        assert size % 4 == 0 and 128 <= size <= 1 << 31
        assert len(image) <= size
        self.size = size
        self.storage = bytearray(size)
        self.storage[: len(image)] = image
        self.x = [0] * 32
        self.mode = "s"
        self.base = 0
        self.limit = size
        self.pc = 0x80
        self.timer = 0
        self.tape = tape
        self.position = 0
        self.output = bytearray()
        self.halted = False
        self.steps = 0
        self.profile = PROFILES[profile] if isinstance(profile, str) else profile
        self.now = "nothing"  # the instruction of this step, and below what became of it: for the tests alone
        self.seen = set()

    # [1] registers

    def set_x(self, register, value):
        if register != 0:
            self.x[register] = value & WORD

    # [2] addressing

    def translate(self, address, width):
        """The physical address of a valid access; a memory trap for any other."""
        if address + width <= self.limit and self.base + address + width <= self.size:
            return self.base + address
        raise Trap(MEMORY, address)

    def translate_physical(self, address):
        """[5] Where `lwp` and `swp` reach."""
        if address + 4 <= self.size:
            return address
        raise Trap(MEMORY, address)

    def read(self, at, width):
        return int.from_bytes(self.storage[at : at + width], "little")

    def write(self, at, width, value):
        self.storage[at : at + width] = (value & ((1 << 8 * width) - 1)).to_bytes(width, "little")

    # The PSW as five words, [4] table

    def status(self, cause):
        return (1 if self.mode == "u" else 0) | cause << 8

    def store_psw(self, at, cause):
        for offset, value in [(0, self.status(cause)), (4, self.base), (8, self.limit), (12, self.pc), (16, self.timer)]:
            self.write(at + offset, 4, value)

    def load_psw(self, at):
        self.mode = "u" if self.read(at, 4) & 1 else "s"
        self.base = self.read(at + 4, 4) & ~3  # [1] the low two bits are dropped
        self.limit = self.read(at + 8, 4)
        self.pc = self.read(at + 12, 4)
        self.timer = self.read(at + 16, 4)

    def take_trap(self, cause, info):
        """[4] Store the old PSW into slot 0, load the new one from slot 1; no check, no relocation."""
        self.fate = "timer" if cause == TIMER else f"trap {cause}"
        self.store_psw(SLOT_OLD, cause)
        self.write(SLOT_OLD + 20, 4, info)
        self.load_psw(SLOT_NEW)

    # [3] a step

    def step(self):
        assert not self.halted
        self.steps += 1
        mode, self.now, self.fate = self.mode, "nothing", "retires"
        try:
            self.attempt()
        except Trap as trap:
            self.take_trap(trap.cause, trap.info)
        self.seen.add(f"{mode} {self.now} {self.fate}")

    def attempt(self):
        """One instruction: retires, or raises Trap before any effect. The checks in the order of [3]."""
        if self.pc % 4 != 0:
            raise Trap(ALIGNMENT, self.pc)
        insn = Insn(self.read(self.translate(self.pc, 4), 4))
        self.now = insn.name or "illegal"
        if insn.name is None:
            raise Trap(ILLEGAL, insn.word)
        if insn.name in SYSTEM and self.mode == "u":
            what = self.profile.get(insn.name, "trap")
            if what == "trap":
                raise Trap(PRIVILEGED, insn.word)
            if what == "ignore":
                self.now += " ignored"
                self.pc = (self.pc + 4) & WORD
                self.count()
                return
        if insn.name in SYSTEM:
            self.execute_system(insn)
        else:
            self.execute_base(insn)

    def count(self):
        """[4] Timer: the instruction has retired."""
        if self.timer > 0:
            self.timer -= 1
            if self.timer == 0:
                self.take_trap(TIMER, 0)

    def execute_system(self, insn):
        """[5], one row after the other."""
        a, b = self.x[insn.rs1], self.x[insn.rs2]
        address_i = (a + insn.imm_i) & WORD
        address_s = (a + insn.imm_s) & WORD
        behind = (self.pc + 4) & WORD
        name = insn.name
        if name == "lpsw":
            self.load_psw(self.translate(address_i, 20))
            return  # [4] does not decrement what it loads; the T it replaces is discarded
        if name == "halt":
            self.halted = True  # [5] PC stays
            if self.timer > 0:
                self.timer -= 1  # [4] when that makes it 0, no trap follows
            return
        if name == "spsw":
            self.store_psw(self.translate(address_s, 20), 0)  # T as it stands before the own decrement
        elif name == "rdm":
            self.set_x(insn.rd, 1 if self.mode == "u" else 0)
        elif name == "rdb":
            self.set_x(insn.rd, self.base)
        elif name == "rdl":
            self.set_x(insn.rd, self.limit)
        elif name == "setr":
            self.base = a & ~3
            self.limit = b
        elif name == "setm":
            self.mode = "u" if a & 1 else "s"
        elif name == "retu":
            self.mode = "u"
            behind = a & ~1
        elif name == "lwp":
            self.set_x(insn.rd, self.read(self.translate_physical(address_i), 4))
        elif name == "swp":
            self.write(self.translate_physical(address_s), 4, b)
        elif name == "in":
            self.set_x(insn.rd, self.port_in(address_i))
        elif name == "out":
            self.port_out(address_s, b)
        self.pc = behind
        self.count()

    # [6] ports

    def port_in(self, port):
        if port == 0:
            if self.position == len(self.tape):
                return 0xFFFF_FFFF
            self.position += 1
            return self.tape[self.position - 1]
        if port == 1:
            return len(self.tape) - self.position
        return 0

    def port_out(self, port, value):
        if port == 0:
            self.output.append(value & 0xFF)

    # RV32I 2.4 to 2.8 and M

    def execute_base(self, insn):
        a, b = self.x[insn.rs1], self.x[insn.rs2]
        behind = (self.pc + 4) & WORD
        name = insn.name
        if name == "ecall":
            raise Trap(SUPERVISOR_CALL, insn.word)
        if name == "ebreak":
            raise Trap(BREAKPOINT, insn.word)
        if name in ("jal", "jalr"):
            target = self.pc + insn.imm_j if name == "jal" else (a + insn.imm_i) & ~1
            target &= WORD
            if target % 4 != 0:
                raise Trap(ALIGNMENT, target)
            self.set_x(insn.rd, behind)
            behind = target
        elif name in ("beq", "bne", "blt", "bge", "bltu", "bgeu"):
            taken = {
                "beq": a == b,
                "bne": a != b,
                "blt": signed(a) < signed(b),
                "bge": signed(a) >= signed(b),
                "bltu": a < b,
                "bgeu": a >= b,
            }[name]
            if taken:
                target = (self.pc + insn.imm_b) & WORD
                if target % 4 != 0:
                    raise Trap(ALIGNMENT, target)
                behind = target
        elif name in ("lb", "lh", "lw", "lbu", "lhu"):
            width = {"lb": 1, "lbu": 1, "lh": 2, "lhu": 2, "lw": 4}[name]
            value = self.read(self.translate((a + insn.imm_i) & WORD, width), width)
            if name in ("lb", "lh"):
                value = extend(value, 8 * width)
            self.set_x(insn.rd, value)
        elif name in ("sb", "sh", "sw"):
            width = {"sb": 1, "sh": 2, "sw": 4}[name]
            self.write(self.translate((a + insn.imm_s) & WORD, width), width, b)
        elif name == "lui":
            self.set_x(insn.rd, insn.imm_u)
        elif name == "auipc":
            self.set_x(insn.rd, self.pc + insn.imm_u)
        elif name in ("fence", "fence.i"):
            pass  # [2] retire and do nothing
        elif insn.opcode == 0b0010011:
            self.set_x(insn.rd, self.compute_immediate(insn, a))
        else:
            self.set_x(insn.rd, self.compute(name, a, b))
        self.pc = behind
        self.count()

    def compute_immediate(self, insn, a):
        if insn.name in ("slli", "srli", "srai"):
            return self.compute({"slli": "sll", "srli": "srl", "srai": "sra"}[insn.name], a, insn.rs2)
        register_form = {"addi": "add", "slti": "slt", "sltiu": "sltu", "xori": "xor", "ori": "or", "andi": "and"}
        return self.compute(register_form[insn.name], a, insn.imm_i & WORD)

    def compute(self, name, a, b):
        """The result of a register-register operation; the caller takes its low 32 bits."""
        if name == "add":
            return a + b
        if name == "sub":
            return a - b
        if name == "sll":
            return a << (b & 31)
        if name == "slt":
            return int(signed(a) < signed(b))
        if name == "sltu":
            return int(a < b)
        if name == "xor":
            return a ^ b
        if name == "srl":
            return a >> (b & 31)
        if name == "sra":
            return signed(a) >> (b & 31)
        if name == "or":
            return a | b
        if name == "and":
            return a & b
        if name == "mul":
            return a * b
        if name == "mulh":
            return (signed(a) * signed(b)) >> 32
        if name == "mulhsu":
            return (signed(a) * b) >> 32
        if name == "mulhu":
            return (a * b) >> 32
        if name == "divu":
            return WORD if b == 0 else a // b
        if name == "remu":
            return a if b == 0 else a % b
        if b == 0:  # M 2.2, table of division by zero
            return {"div": WORD, "rem": a}[name]
        quotient = abs(signed(a)) // abs(signed(b))  # rounds towards zero; the overflow wraps to itself
        if (signed(a) < 0) != (signed(b) < 0):
            quotient = -quotient
        return {"div": quotient, "rem": signed(a) - quotient * signed(b)}[name]

    # The state, as JSON

    def rows(self):
        """The 16-byte rows that hold a byte other than zero, neighbours merged."""
        merged = []
        for start in range(0, self.size, 16):
            row = bytes(self.storage[start : start + 16])
            if not any(row):
                continue
            if merged and merged[-1][0] + len(merged[-1][1]) == start:
                merged[-1][1] += row
            else:
                merged.append([start, row])
        return [[start, row.hex()] for start, row in merged]

    def state(self):
        return {
            "schema": 1,
            "halted": self.halted,
            "steps": self.steps,
            "psw": {"m": self.mode, "b": self.base, "l": self.limit, "pc": self.pc, "t": self.timer},
            "x": self.x,
            "console": {"output": self.output.hex(), "input_position": self.position},
            "storage": {"size": self.size, "nonzero": self.rows()},
        }


def run(image, memory, profile, tape, counts, output_limit=1 << 24):
    """Prints the state at each of the step counts (ascending), or where the machine stopped before: halted, or
    behind the step that exceeded the output limit."""
    machine = Machine(image, memory, profile, tape)
    for count in counts:
        while machine.steps < count and not machine.halted and len(machine.output) <= output_limit:
            machine.step()
        print(json.dumps(machine.state(), separators=(",", ":")))
    return machine.seen


def main():
    parser = argparse.ArgumentParser(description="The PG32 machine, from the principles alone.")
    parser.add_argument("image", nargs="?", help="a flat image, loaded at 0")
    parser.add_argument("--batch", action="store_true", help="one request per line on standard input")
    parser.add_argument("--memory", type=int, default=1 << 20)
    parser.add_argument("--profile", default="pg", choices=PROFILES)
    parser.add_argument("--input")
    parser.add_argument("--steps", default="1000")
    args = parser.parse_args()
    if args.batch:
        seen = set()
        for line in sys.stdin:
            ask = json.loads(line)
            image, tape = bytes.fromhex(ask["image"]), bytes.fromhex(ask["input"])
            seen |= run(image, ask["memory"], ask["profile"], tape, ask["steps"], ask["output_limit"])
        print(json.dumps(sorted(seen)))
    elif args.image:
        tape = open(args.input, "rb").read() if args.input else b""
        counts = [int(n) for n in args.steps.split(",")]
        run(open(args.image, "rb").read(), args.memory, args.profile, tape, counts)
    else:
        parser.error("an image or --batch")


if __name__ == "__main__":
    main()
