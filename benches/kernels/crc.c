/* CRC-32 by table over a generated buffer: byte loads and table look-ups in a dependent chain. */
static unsigned table[256];
static unsigned char data[65536];

int main(void)
{
    for (unsigned i = 0; i < 256; i++) {
        unsigned c = i;
        for (int k = 0; k < 8; k++)
            c = c & 1 ? 0xedb88320u ^ c >> 1 : c >> 1;
        table[i] = c;
    }
    unsigned x = 1;
    for (unsigned i = 0; i < sizeof data; i++)
        data[i] = (x = x * 1664525u + 1013904223u) >> 24;
    unsigned crc = 0xffffffffu;
    for (int round = 0; round < 1600; round++)
        for (unsigned i = 0; i < sizeof data; i++)
            crc = table[(crc ^ data[i]) & 255] ^ crc >> 8;
    return crc & 0x7f;
}
