# An application oversteps its segment and is killed; the others go on.
#
# The offender stores at the first address behind its segment, which another application owns. The access takes
# a memory trap before any effect: neither storage nor the neighbour ever sees it.

        .equ    QUANTUM, 30
        .equ    MAX, 3
        .include "../lib/kernel.inc"

        .data
        .balign 4
programs:
        .word   good.base, good.length, good.entry
        .word   bad.base, bad.length, bad.entry
        .word   victim.base, victim.length, victim.entry
        .word   -1

        .application good, "honest.s"
        .application bad, "overstep.s", 256
        .application victim, "honest.s"
