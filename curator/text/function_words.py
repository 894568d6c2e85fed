# ruff: noqa: RUF001
"""Words of three letters and more (two in Chinese and Japanese) that stand in texts about anything: they name no concept.

Written for the languages of most web text; `curator.text.concept_terms` finds those of other languages by how many texts have
them. Where the function word of one language is a good name in another ("die", "war", "son", "main"), it is not listed.
"""

from __future__ import annotations

_BY_LANGUAGE = {
    "en": """
        about above according across actually after again against ago all almost along already also although always
        among and another any anyone anything are aren around ask asked away back bad based because become been before
        began behind being believe best better between big both but call called came can cannot case come comes could
        couldn day days did didn different does doesn doing don done down during each early either else end enough
        especially etc even ever every everyone everything example fact far feel few find first five following for
        form found four from full gave general get gets getting give given gives going gone good got great had hadn
        half hand happen happened has hasn have haven having held help her here high him himself his hold how however
        idea important including inside instead into isn its itself just keep kind knew know known large last late
        later least left less let like likely little long look looking looks lot low made make makes making man many
        may maybe mean means might mine more most much must myself name near nearly need needed needs never new next
        nice non none nor not note nothing now number off often old once one ones only onto open opinion order other
        others our ours out outside over own part particular past people per perhaps person place please point
        possible probably problem put quite rather read real really reason related result right said same saw say
        saying says second see seem seemed seems seen set several shall she should shouldn show showed shown side
        similar simple simply since six small some someone something sometimes soon sort start started still such sure
        take taken takes taking talk tell ten than thank thanks that the their them themselves then there therefore
        these they thing things think third this those though thought three through thus till time times today
        together told too took toward towards tried tries true try trying turn two type under unless until upon use
        used useful user uses using usually various very via want wanted wants was wasn way ways well went were weren
        what whatever when where whether which while who whole whom whose why will with within without won word words
        work would wouldn write writes wrong wrote year years yes yet you your yours yourself dear hello regards
        sincerely
    """,
    "de": """
        den aber alle allem allen aller alles als also andere anderen auch auf aus bei beim bereits bis bist bitte
        dabei dadurch dafür damit dann daran darauf das dass davon dazu dein deine dem denn der deren des deshalb
        dessen dich dies diese diesem diesen dieser dieses dir doch dort durch ein eine einem einen einer eines
        einfach einige einmal erst etwa etwas euch für gegen gibt haben hat hatte hatten hier ihm ihn ihnen ihr ihre
        ihrem ihren ihrer immer ist jede jedem jeden jeder jedes jedoch jetzt kann kannst kein keine können könnte
        machen mehr mein meine mit muss müssen nach nicht nichts noch nun nur oder ohne schon sehr sein seine seinem
        seinen seiner seit sich sie sind sollte sondern sowie über und uns unser unsere unter vom von vor wann warum
        weil weiter welche wenn werden wie wieder wir wird wirst wurde wurden würde zum zur zwei zwischen
    """,
    "fr": """
        afin ainsi alors après aucun aussi autre autres aux avant avec avoir avons beaucoup bien car cela celle celui
        cependant ces cet cette ceux chaque chez comme comment dans depuis des donc dont elle elles encore entre est
        était étaient été être eux faire fait faut font ici ils jusqu leur leurs lors lorsque lui mais même mêmes mes
        moins mon notre nous ont par parce pas pendant peu peut peuvent plus plusieurs pour pourquoi puis quand que
        quel quelle quelles quelque quelques qui quoi sans sera ses seulement sinon soit sont sous souvent sur ton
        toujours tous tout toute toutes très trop une vers voici votre vous
    """,
    "es": """
        algo alguna algunas algunos algún ante antes aquel aquella aquí aunque así bajo bien cada como con contra cual
        cuales cualquier cuando cuanto cómo dejar del desde donde durante ella ellas ellos entonces entre era eran
        eres esa esas ese eso esos esta estaba estado estamos están estar estas este esto estos está fue fueron había
        hace hacer hacia han hasta hay las les los luego mediante menos mientras mis mismo misma mucho muchos muy más
        nada nos nosotros nuestra nuestro otra otras otro otros para pero poco por porque pues puede pueden puedes qué
        quien según ser será sido siempre sin sino sobre solo son sus también tanto tenemos tener tiene tienen tienes
        toda todas todo todos tras tus una unas uno unos usted ver vez
    """,
    "pt": """
        agora ainda algo alguma algumas alguns além ante antes apenas após aquela aquele aqui assim até bem cada com
        como contra cujo das dela dele deles depois desde dessa desse desta deste disso dos durante ela elas ele eles
        enquanto entre entanto era essa essas esse esses esta estas está estão este estes foi foram havia isso isto
        lhe mais mas meio mesma mesmo muito muitos nada nas nem nenhum nessa nesse nesta neste nos nossa nosso num
        numa não ontem onde outra outras outro outros para pela pelas pelo pelos pode podem pois por porque portanto
        qual qualquer quando quanto que quem sem sempre será seu seus sido sob sobre sua suas são também tem tendo têm
        ter teve todo todos toda todas tudo uma umas uns você vocês
    """,
    "it": """
        alla alle allo altra altre altri altro anche ancora avere aveva bene che chi ciascuno ciò come con cosa così
        cui dagli dai dal dalla dalle dallo degli dei del della delle dello dentro deve dopo dove due durante ecco era
        erano essere fare fino fra gli grazie hai hanno invece loro mentre mia mio molto negli nei nel nella nelle
        nello noi non nostra nostro nulla ogni oltre oppure per perché però più poi poco possono prima proprio può
        puoi qua quale quali quando quanto quasi quella quelle quelli quello questa queste questi questo qui quindi
        sarà secondo sei sempre senza siamo siano sia solo sono sopra sotto stata stati stato stesso sua sue sugli sui
        sul sulla suo suoi tra tutte tutti tutto una uno verso viene vengono voi vostro
    """,
    "nl": """
        aan achter alle alles als altijd andere bij bijvoorbeeld binnen daar daarom dan dat deze die dit doen door dus
        echter een eens eerst elk elke enkele gaan geen geweest haar had hadden heb hebben heeft hem het hier hoe hun
        iets ieder jaar jouw jullie kan kunnen kunt maar meer meest met mijn moet moeten naar niet niets nog nooit ook
        omdat onder ons onze over reeds sinds steeds tegen ten ter terwijl toch toen tot tussen uit van veel vele via
        voor vooral waar waarom wanneer wat weer welke werd werden wie wij wordt worden zal zeer zelf zich zij zijn
        zoals zonder zou zouden zullen
    """,
    "pl": """
        albo ale bardzo bez będzie był była było były być cały choć chyba ciebie coś czy czyli dla dlaczego dlatego
        gdy gdzie ich ile inne innych jak jako jakie jego jej jednak jest jestem jeszcze jeśli już każdy kiedy kilka
        kto która które którego której który których którym którzy lub mają może można mnie mój nad nam nas nasz nic
        nich nie niego nią niż oraz ona oni ono pod podczas poza ponieważ przed przez przy się sobie swoje tak także
        taki takie tam tego tej ten teraz też tobie tutaj twój tych tylko tym wam was wie wiele więc wszystkie
        wszystko właśnie zawsze żaden żeby
    """,
    "ru": """
        без более больше будет будут был была были было быть вам вас ваш весь вот все всегда всего всех всё где даже
        для другие других его если есть еще ещё затем здесь или имеет иногда как какой когда которая которого которой
        которые который которых кто куда лет лишь между меня мне много может можно мой над надо нам нас наш него нее
        ней некоторые нет нибудь них один однако она они оно очень перед под после потом потому почему почти при про
        просто раз сам свои своих свой себе себя сейчас совсем так также такие такой там тебя тем теперь тогда того
        тоже той только том тот тут уже хотя чего чем через что чтобы чтоб эта эти этих это этого этой этом этот эту
    """,
    "tr": """
        ama ancak aynı bana bazı belki ben beri bile bir biraz birçok biri biz bizim buna bunlar bunu bunun burada çok
        çünkü daha değil diğer diye dolayı eğer fakat gibi göre hem hep her hiç ile ilgili ise için kadar kendi kez
        kim nasıl neden nerede niye olan olarak oldu olduğu olmak olsa olur ona onlar onu onun önce pek sadece sana
        sen siz son sonra şey şöyle tüm üzere var veya yani yine yok zaman
    """,
    "id": """
        ada adalah agar akan aku anda antara apa apakah atas atau bagi bahwa banyak beberapa begitu belum berada
        berbagai bisa boleh bukan dalam dan dapat dari dengan dia digunakan hanya harus hingga ini itu jadi jika juga
        kalau kami kamu karena kepada ketika kita lagi lain lainnya lebih maka mana masih melakukan memiliki menjadi
        mereka merupakan namun oleh pada paling para pernah pula pun saat saja sama sangat saya sebagai sebelum sebuah
        secara sedang sehingga sejak sekarang selain seluruh semua seorang seperti serta sesuai setelah setiap suatu
        sudah tanpa tapi telah tentang terhadap tersebut tetapi tidak untuk yaitu yang
    """,
    "vi": """
        bằng bởi các cách cái cần cho chỉ chính chúng chưa của cùng cũng còn đang đây đến đều điều được hay hoặc khi
        không lại lên mình một mới nào này nên nếu ngay người nhiều như nhưng những nơi phải qua rằng rất rồi sau tại
        theo thì trên trong trước tôi vào vẫn vậy với vừa
    """,
    "ar": """
        ألا أما أمام أنا أنت أنه أنها أول إذا إلا إلى إنه الآن التي الذي الذين بأن بسبب بشكل بعد بعض بها بهذا بين تحت
        تكون تلك جدا حتى حول حيث خلال دون ذلك سوف شيء عبر عدم على عليه عليها عند عندما غير فقط فيه فيها فإن قال قبل
        كان كانت كما كيف لكن لما لها ليس ليست مثل مرة منذ منه منها نحو نفس هذا هذه هنا هناك وأن وقال وقد وكان ولا ولكن
        ولم وما ومن وهو وهي وفي وعلى يتم يكون يمكن
    """,
    "fa": """
        آنها است اگر اما این اینکه باید بعد بود بودن برای بیش تواند توان جای چند حال خود دارد دارند دیگر روی سپس شده
        شود شما کرد کردن کرده کند کنند کنید مانند مورد نمی نیز نیست های هستند همه همچنین همین هیچ
    """,
    "zh": """
        一个 一些 一定 一样 一直 一种 一次 不会 不同 不能 不要 为了 什么 以下 以及 以上 任何 使用 其中 其他 其它 只有
        可以 可能 各种 同时 哪些 因为 因此 如何 如果 对于 将会 已经 应该 当然 怎么 想要 所以 所有 时候 最后 有一 来说
        某个 此外 每个 自己 虽然 许多 起来 过程 进行 通过 需要 非常 不得 表示 认为 目前 方面 情况 必须 一般 以后 之后
        之前 今天 主要 开始 成为 根据 由于 第一 第二 除了 首先 其实 甚至 不过 后来
    """,
    "ja": """
        以上 以下 以外 以降 今回 使用 全て 可能 同じ 場合 実際 必要 方法 時間 最初 最後 現在 自分 表示 複数 設定 説明
        追加 通常 部分 利用 指定
    """,
    "markup": """
        amp http https www com org net html htm php asp index href nbsp quot img src jpg png gif pdf div span class
        style width height edu mailto email mail subject reply null true false
    """,
}

FUNCTION_CHARACTERS = frozenset("的了是在我你他她它这那们就也都很把被让着吗呢与及或但而些么没还并于个和不")
"""Chinese ones: what begins or ends with one is a piece of a sentence, not a word."""
FUNCTION_WORDS = tuple(sorted({word for words in _BY_LANGUAGE.values() for word in words.split()}))
