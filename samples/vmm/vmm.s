# A virtual machine monitor in the machine's own instructions: Popek and Goldberg's control program, whole.
#
# It gives one guest a virtual machine by trap-and-emulate. The guest runs directly, always in user mode, in a
# segment inside its window; everything it may not do by itself traps and comes here. The paper's parts:
#
#   allocator    decides, at reset, which storage is the guest's
#   dispatcher   is where every trap arrives; it decides what the trap asks for
#   v_lpsw, …    the interpreter routines, one for each privileged instruction
#   map_f        turns the virtual PSW into the real one: the map f from the virtual machine to the real one
#
# Storage, from physical 0: this monitor's trap area, code and data, and from vmm_window to the end of storage
# the guest, which sees its window as a machine of its own, from 0. The monitor itself needs nothing but a machine,
# with storage from 0: it runs bare, on any other monitor, and as the guest of another copy of itself.
#
# What it costs: some 65 instructions to reflect a trap or to interpret `lpsw`, some 125 for any other
# instruction. All but one are innocuous, and run directly wherever the monitor runs: on the way that every trap
# takes, only the `lpsw` that resumes the guest is privileged. Where the monitor is itself a guest, that is the
# one that traps again. (`in`, `out` and `halt` are executed on the machine below and are the second one.)
#
# The labels that begin with vmm_ are a contract with whoever looks at the guest from outside: see
# docs/your-own-monitor.md.
#: part = true

        .include "pg32.inc"

# With what in a0 the machine halts if the monitor, and not its guest, came to an end.
        .equ    STATUS_NO_ROOM, 0x701   # storage is too short for a guest
        .equ    STATUS_FAULT, 0x702     # the monitor itself trapped

        .equ    MIN_STORAGE, 0x80       # no machine has less

# Everything that the monitor owns lies below 2 KiB, so that `label(zero)` reaches it: at a trap no register is
# free to hold an address. The guest's first words, its two slots, are still within reach.
        .assert vmm_window + 0x40 <= 0x800, "the monitor has outgrown what x0 reaches"

        .section .trap
        .org    PSW_NEW
        .word   MODE_S, 0, 0, dispatcher, 0     # L is filled in below; T = 0: the monitor is never interrupted

        .data
        .balign 4
# The guest's machine. These are its reset values, but for vL, which the allocator computes.
        .globl  vmm_psw, vmm_registers, vmm_halted, vmm_entry, vmm_window
vmm_psw:                                # the virtual PSW: vM (0 or 1 and no other bit), vB, vL, vPC, vT
        .word   MODE_S, 0, 0, 0, 0
vmm_entry:                              # where the guest starts; composing an image fills it in
        .word   0x80
real_psw:                               # what map_f makes of it; M' is always u
        .word   MODE_U, 0, 0, 0, 0

# The interpreter routines, by funct3; and by funct7 those that share funct3 = 2.
routines:
        .word   v_lpsw, v_spsw, by_funct7, v_lwp, v_swp, v_in, v_out
routines_by_funct7:
        .word   v_halt, v_rdm, v_rdb, v_rdl, v_setr, v_setm, v_retu

        .bss
        .balign 4
vmm_registers:                          # x0 to x31, while the monitor needs the real ones; x0 stays 0
        .space  4*32
vmm_halted:                             # 1 from the guest's `halt` on
        .space  4
size:                                   # w, bytes of the guest's storage
        .space  4
        .balign 4
vmm_window:                             # k: here the guest's storage begins

# Registers are spilled in two groups. The first is all that reflecting a trap and interpreting `lpsw` take.
        .macro  working op
        .irp    n, 5, 6, 7, 28, 29, 30, 31              # t0 to t6
        \op     x\n, vmm_registers+4*\n(zero)
        .endr
        .endm

        .macro  others op
        .irp    n, 1, 2, 3, 4, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27
        \op     x\n, vmm_registers+4*\n(zero)
        .endr
        .endm

        .text
        .globl  _start

# ---- The allocator. At reset: M = s, B = 0, L = the size of storage, and all registers are 0.

_start:
allocator:
        rdl     t0
        sw      t0, PSW_NEW+PSW_L(zero)         # the monitor may touch all of storage, also behind a trap
        addi    t0, t0, -vmm_window             # w: the guest gets everything behind the monitor
        li      t1, MIN_STORAGE
        blt     t0, t1, no_room
        sw      t0, size(zero)
        sw      t0, vmm_psw+PSW_L(zero)
        lw      t0, vmm_entry(zero)
        sw      t0, vmm_psw+PSW_PC(zero)
        j       resume                          # t6 = 0: only working registers have been used; t4 = 0: vT
no_room:
        li      a0, STATUS_NO_ROOM
        halt

# ---- The dispatcher. Every trap arrives here, in mode s, with the guest's registers and the old PSW in slot 0.

dispatcher:
        working sw
        li      t6, 0                           # t6 = whether the other registers are spilled too
        lw      t0, PSW_OLD+PSW_STATUS(zero)
        andi    t1, t0, MODE_U
        beqz    t1, fault                       # the guest runs in u: this trap is the monitor's own
        srli    t0, t0, 8                       # t0 = the cause
        lw      t1, PSW_OLD+PSW_INFO(zero)      # t1 = the info word
        # Direct execution has moved PC and T. With no slice of time to watch, T' was vT, and so it still is:
        # a timer trap comes only when vT was on and ran out, and is the guest's.
        lw      t2, PSW_OLD+PSW_PC(zero)
        sw      t2, vmm_psw+PSW_PC(zero)
        lw      t3, PSW_OLD+PSW_T(zero)
        sw      t3, vmm_psw+PSW_T(zero)
        lw      t4, vmm_psw+PSW_STATUS(zero)
        bnez    t4, reflect                     # vM = u: the real machine would have trapped as well
        li      t5, CAUSE_PRIVILEGED
        beq     t0, t5, interpret               # vM = s: the real machine would have executed this

# Gives the guest a trap: what section 4 of the principles says, done to its storage and its PSW.
# t0 = cause, t1 = info; t6 as above; vPC and vT are what the trap is to save.
reflect:
        lw      t4, vmm_psw+PSW_STATUS(zero)
        slli    t0, t0, 8
        or      t0, t0, t4
        sw      t0, vmm_window+PSW_OLD+PSW_STATUS(zero)
        lw      t2, vmm_psw+PSW_B(zero)
        sw      t2, vmm_window+PSW_OLD+PSW_B(zero)
        lw      t2, vmm_psw+PSW_L(zero)
        sw      t2, vmm_window+PSW_OLD+PSW_L(zero)
        lw      t2, vmm_psw+PSW_PC(zero)
        sw      t2, vmm_window+PSW_OLD+PSW_PC(zero)
        lw      t2, vmm_psw+PSW_T(zero)
        sw      t2, vmm_window+PSW_OLD+PSW_T(zero)
        sw      t1, vmm_window+PSW_OLD+PSW_INFO(zero)
        li      t5, vmm_window+PSW_NEW

# Loads the virtual PSW from the five words at t5, an address in this machine.
load_virtual_psw:
        lw      t0, PSW_STATUS(t5)
        andi    t0, t0, MODE_U                  # bit 0 is M, the rest is ignored
        sw      t0, vmm_psw+PSW_STATUS(zero)
        lw      t1, PSW_B(t5)
        andi    t1, t1, -4                      # B is a multiple of 4
        sw      t1, vmm_psw+PSW_B(zero)
        lw      t2, PSW_L(t5)
        sw      t2, vmm_psw+PSW_L(zero)
        lw      t3, PSW_PC(t5)
        sw      t3, vmm_psw+PSW_PC(zero)
        lw      t4, PSW_T(t5)
        sw      t4, vmm_psw+PSW_T(zero)

# ---- The map f (section 8):  M' = u   B' = k + vB   L' = min(vL, w - vB), or 0 if vB > w   PC' = vPC   T' = vT
# t1 = vB, t2 = vL, t3 = vPC, t4 = vT. Then the guest goes on.

map_f:
        addi    t0, t1, vmm_window
        sw      t0, real_psw+PSW_B(zero)
        lw      t5, size(zero)
        sub     t0, t5, t1                      # w - vB
        bgeu    t5, t1, inside
        li      t0, 0                           # vB > w: no address is within the segment
inside:
        bgeu    t0, t2, clamped
        mv      t2, t0                          # the segment would leave the window
clamped:
        sw      t2, real_psw+PSW_L(zero)
        sw      t3, real_psw+PSW_PC(zero)
        sw      t4, real_psw+PSW_T(zero)
        beqz    t6, go
        others  lw
go:
        working lw
        lpsw    real_psw(zero)

# Goes on with the virtual PSW as it stands in storage. t4 = vT.
resume:
        lw      t1, vmm_psw+PSW_B(zero)
        lw      t2, vmm_psw+PSW_L(zero)
        lw      t3, vmm_psw+PSW_PC(zero)
        j       map_f

# The monitor has trapped. It must not be taken for the guest: stop, and say so.
fault:
        li      a0, STATUS_FAULT
        halt

# ---- The interpreter. t1 = a privileged instruction that the guest executed in virtual supervisor mode, vPC its
# address. The real machine has checked the encoding; the operand is checked here, in the order of section 3.

interpret:
        # A kernel resumes with `lpsw imm(x0)`, when every register is the application's again. That is half of all
        # that a guest's trap costs, and it takes no register: straight to its routine.
        slli    t2, t1, 12                      # the instruction but for its immediate
        lui     t3, 0x0000b                     # `lpsw` off x0, likewise
        srai    t4, t1, 20                      # t4 = the immediate of loads
        beq     t2, t3, v_lpsw

        others  sw
        li      t6, 1
        srli    t2, t1, 15-2
        andi    t2, t2, 31<<2
        lw      a0, vmm_registers(t2)           # a0 = the value of rs1
        srli    t2, t1, 20-2
        andi    t2, t2, 31<<2
        lw      a1, vmm_registers(t2)           # a1 = the value of rs2
        srli    a2, t1, 7-2
        andi    a2, a2, 31<<2                   # a2 = 4 * rd, where v_in and its like leave their result
        andi    t5, t4, -32
        srli    t2, a2, 2
        or      t5, t5, t2                      # the immediate of stores: its low five bits are where rd was
        add     t5, t5, a0                      # t5 = rs1 + imm, of a store
        add     t4, t4, a0                      # t4 = rs1 + imm, of a load
        srli    t2, t1, 12-2
        andi    t2, t2, 7<<2
        lw      t2, routines(t2)
        jr      t2
by_funct7:
        srli    t2, t1, 25-2
        andi    t2, t2, 127<<2
        lw      t2, routines_by_funct7(t2)
        jr      t2

# Ways out of a routine. t0 = the value for rd.
write_rd:
        sw      t0, vmm_registers(a2)
        sw      zero, vmm_registers(zero)       # x0 stays 0
retire:
        lw      t2, vmm_psw+PSW_PC(zero)
        addi    t2, t2, 4
        sw      t2, vmm_psw+PSW_PC(zero)
count:                                          # each instruction that retires counts down vT while that is on
        lw      t4, vmm_psw+PSW_T(zero)
        beqz    t4, resume
        addi    t4, t4, -1
        sw      t4, vmm_psw+PSW_T(zero)
        bnez    t4, resume
        li      t0, CAUSE_TIMER                 # it ran out in this very step
        li      t1, 0
        j       reflect
memory_trap:                                    # t4 = the first address of the access
        li      t0, CAUSE_MEMORY
        mv      t1, t4
        j       reflect

# The operand of `lpsw` and `spsw`, 20 bytes at virtual t4: t5 = its address in this machine. Both conditions of
# section 2 hold exactly if it ends within L', which map_f made from vL and w: a + 20 <= L', and no sum wraps.
        .macro  psw_operand
        lw      t2, real_psw+PSW_L(zero)
        addi    t2, t2, -PSW_BYTES
        bltz    t2, memory_trap
        bltu    t2, t4, memory_trap
        lw      t5, real_psw+PSW_B(zero)
        add     t5, t5, t4
        .endm

# The operand of `lwp` and `swp`, a word at guest-physical t4: only w bounds it.
        .macro  physical_operand
        lw      t2, size(zero)
        addi    t2, t2, -4
        bltu    t2, t4, memory_trap
        .endm

# ---- The interpreter routines, in the order of section 5.

v_lpsw:                                         # does not count; what it replaces of vT is discarded
        psw_operand
        j       load_virtual_psw

v_spsw:                                         # stores vT as it stands before it is counted
        mv      t4, t5
        psw_operand
        lw      t0, vmm_psw+PSW_STATUS(zero)
        sw      t0, PSW_STATUS(t5)
        lw      t0, vmm_psw+PSW_B(zero)
        sw      t0, PSW_B(t5)
        lw      t0, vmm_psw+PSW_L(zero)
        sw      t0, PSW_L(t5)
        lw      t0, vmm_psw+PSW_PC(zero)
        sw      t0, PSW_PC(t5)
        lw      t0, vmm_psw+PSW_T(zero)
        sw      t0, PSW_T(t5)
        j       retire

v_halt:                                         # counts, but no trap follows; vPC stays
        lw      t4, vmm_psw+PSW_T(zero)
        beqz    t4, halted
        addi    t4, t4, -1
        sw      t4, vmm_psw+PSW_T(zero)
halted:
        sw      t6, vmm_halted(zero)            # t6 = 1 in every routine but v_lpsw
        lw      a0, vmm_registers+4*10(zero)    # the guest's exit status is the machine's
        halt

v_rdm:
        lw      t0, vmm_psw+PSW_STATUS(zero)
        j       write_rd

v_rdb:
        lw      t0, vmm_psw+PSW_B(zero)
        j       write_rd

v_rdl:                                          # vL, not L': a guest cannot see the clamp
        lw      t0, vmm_psw+PSW_L(zero)
        j       write_rd

v_setr:
        andi    a0, a0, -4
        sw      a0, vmm_psw+PSW_B(zero)
        sw      a1, vmm_psw+PSW_L(zero)
        j       retire

v_setm:
        andi    a0, a0, MODE_U
        sw      a0, vmm_psw+PSW_STATUS(zero)
        j       retire

v_retu:
        li      t0, MODE_U
        sw      t0, vmm_psw+PSW_STATUS(zero)
        andi    a0, a0, -2
        sw      a0, vmm_psw+PSW_PC(zero)
        j       count

v_lwp:
        physical_operand
        lw      t0, vmm_window(t4)
        j       write_rd

v_swp:
        mv      t4, t5
        physical_operand
        sw      a1, vmm_window(t4)
        j       retire

v_in:                                           # the console is passed through: the machine's is the guest's
        in      t0, 0(t4)
        j       write_rd

v_out:
        out     a1, 0(t5)
        j       retire
