int weakf(void) __attribute__((weak)); int weakdef(void) __attribute__((weak)); int weakdef(void){return 3;}
int real(int x){return x+1;} int ali(int x) __attribute__((alias("real"))); int wali(int x) __attribute__((weak,alias("real")));
int insec(int x) __attribute__((section(".text.special"),noinline)); int insec(int x){return x*9;}
int datasec __attribute__((section(".data.mine")))=4; const int ro __attribute__((section(".rodata.mine")))=5; char bssv[100] __attribute__((section(".bss.mine")));
int al __attribute__((aligned(64)))=1; struct __attribute__((packed)) P{char c;int x;short s;}; struct P pk={1,2,3}; int getp(struct P*p){return p->x+p->s;}
extern int ext_weak __attribute__((weak)); int*pw=&ext_weak; int use(void){if(weakf)return weakf();return weakdef()+ali(2)+wali(3)+insec(4);}
__attribute__((noreturn)) void stop(void){for(;;);} __attribute__((aligned(16))) int alf(void){return 1;}
static int sv; int *ptr=&sv+3; char*cp=(char*)&al+2; int (*fp[])(int)={real,ali,insec};
int visible __attribute__((visibility("hidden")))=8; __attribute__((visibility("protected"))) int vp(void){return visible;} __attribute__((visibility("internal"))) int vi(void){return 2;}
