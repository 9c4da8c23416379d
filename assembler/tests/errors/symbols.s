# Symbols defined twice, never, or by themselves.
again:  nop
again:  nop
        .set    a, b + 1
        .set    b, c
        .set    c, a
        .word   a
        .equiv  fixed, 1
        .equiv  fixed, 2
        .if     later
        nop
        .endif
later:  nop
        .space  -1
        .assert . - again == 100, "the table has another size"
        la      a0, nowhere
        la      a1, nowhere
