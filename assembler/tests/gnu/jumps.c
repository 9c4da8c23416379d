/* computed goto, nested funcs (trampoline), VLAs, alloca, setjmp-like builtins */
int interp(const unsigned char*p){static void*const lab[]={&&add,&&sub,&&mul,&&end};int a=1;goto *lab[*p++];add:a+=*p++;goto *lab[*p++];sub:a-=*p++;goto *lab[*p++];mul:a*=*p++;goto *lab[*p++];end:return a;}
static const short offs[]={0,2}; int rel(int i){static const int d[]={&&x-&&x,&&y-&&x};goto *(&&x+d[i]);x:return 1;y:return 2;}
int vla(int n){int a[n];int s=0;for(int i=0;i<n;i++)a[i]=i*i;for(int i=0;i<n;i++)s+=a[i];char*q=__builtin_alloca(n*3);q[n]=s;return q[n]+s;}
int outer(int k){int inner(int z){return z+k;}int (*f)(int)=inner;return f(3)+inner(4);}
void*jb[5];int sj(void){return __builtin_setjmp(jb);}void lj(void){__builtin_longjmp(jb,1);}
int ra(void){return (int)__builtin_return_address(0)+(int)__builtin_frame_address(0);}
