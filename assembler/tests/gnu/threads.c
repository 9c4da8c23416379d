__thread int tls1=5; __thread int tls2; static __thread char tls3[10]; int gt(int i){tls2+=tls1;return tls3[i]+tls2;}
