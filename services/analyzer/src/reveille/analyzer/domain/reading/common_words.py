"""English words that are no typing errors of others: `private` is no `pirate`, `there` no `theme`."""

from typing import Final

from reveille.analyzer.domain.reading.listing import words

COMMON: Final = frozenset(
    words(
        """
        able about above accept access account across action active actor actual actually address adult adults
        advance advice afford afraid after afternoon again against agency ages agree agreed ahead album alive
        allow allowed allows almost alone along already also although always amazing among amount angle animal
        animals ankle annual another answer anxious anybody anyone anything anyway anywhere apart appear apple
        apples apply april area areas argue argument arms around arrange arrive artist aside asked asking asleep
        aspect attend august aunt author autumn available avoid awake award aware away awesome awful babies baby
        bachelor back badly baker bakers baking balance balanced ballot ballroom bands bang barely bargain
        barrel basic basics basis basket bathroom battle beach beaches bean beans bear beard beast beat
        beautiful beauty because become bedroom beef before began begin behalf behave behind being belief
        believe bell belong below bench benefit berry beside best better between beverage beyond birth birthday
        birthdays black blame blanket block blood blow blue board boat boats body bonus book booked booking
        books boost booth born borrow boss both bother bottle bottom bought bounce bouncy bound bowl boxes brain
        branch brave bread break breakfast breath brief bright bring broad broken brother brothers brought brown
        brunch brush bucket buddy budget buffer build building built bunch bundle burden burger burning burst
        business busy button buyer cabin cable calm camera camp campus cancel candle candles candy canvas
        capital captain careful carpet carry cart castle casual catch category cater cause celebrate celebration
        center central centre century certain chain chair chairs chance change changed changes charge chart
        cheap cheaper check cheer cheese chef cherry chest chicken chief child children choice choose chose
        chosen church circle circus city claim class classes classic clean clear clearly client clients climb
        close closed closer clothes cloud clown clowns club coach coast coat cocktail coffee cold colleague
        colleagues collect college color colored colorful colors colour colourful colours column come comedian
        comes comfort coming common company compare complete concern concert confirm confirmed connect consider
        contact contain content contest contract control cook cookies cool corner correct cost costs costume
        costumes cottage couch could council count counter countries country county couple courage course court
        cousin cousins cover covered crafts crash crazy cream create creative credit crew cross crowd crown
        cruise culture curious current custom cute daily dairy damage dance dancer dancing danger dark date
        dates daughter daughters deal dear death debate decade december decent decide decided decision deck
        declare decline decoy deep defence degree delay deliver delivery demand deny depend deposit desert
        deserts design desire desk detail details develop device dinner dinners direct dirty disco dish dishes
        disk display distance district divide division doctor does doing dollar dollars done door doors double
        doubt dozen draft drama draw drawing dream dress dresses drink drinks drive driver drop dropped during
        each eager early earn earth easily easter eastern easy eating edge edit effect effort eight either elder
        eleven else email empty enable ends energy engage engine enjoy enough ensure enter entire entry equal
        error escape especially even evening evenings event events ever every everybody everyone everything
        everywhere evidence exact exactly example excellent except exchange excited exciting exist expect
        expensive expert explain extra face faces fact fair fairly fairy fall familiar families family famous
        fancy fantastic far farm fashion fast father favor favorite favour favourite fear feast feature february
        feel feeling feet fellow fence festival festive fever few field fifteen fifth fifty fight figure fill
        film final finally finance find fine finger fingers finish fire firm first fish fishing five fixed flag
        flame flash flat flavor flavour flexible flight float floating floor flower flowers focus folk folks
        follow foot football force foreign forest forever forget form formal former fort forty forward found
        four fourth frame free freeze fresh friday friend friendly friends from front frost frozen fruit full
        fully funny further future gain galaxy game games gang garage garment gather gathering gave gear general
        gentle ghost giant gift gifts girl girls give given glad glass glitter globe glory goal goes gold golden
        gone good goods grab grace grade grand grandma grandpa grant grass great green greet grew grill gross
        ground grounds group groups grow growth guard guess guest guests guide guitar habit hair half halls hand
        handle hands happen happens happy harbor harbour hard harden hardly harm harvest hate have having head
        heads health hear heard heart heat heavy heel height hello help helper hence here hero heroes hide high
        highly hill hire hired history hold hole holiday holidays home honest honey honor honour hope horse
        horses hospital host hosting hotel hour hours house houses how however huge human hundred hungry hurry
        hurt husband idea ideal ideas image images impact improve inch include included includes including
        income indeed index inform inside insist instead intend interest into invite invited invites invoice
        issue item items itself jacket january jeans jewel jingle join joint joke jolly journey judge juice july
        jumble jump jumper june junior just keen keep keeps kept kettle kick kids kind kinds king kitchen kitty
        kiwi knee knew knife knight know known label labor labour lack lady lake land lane language large larger
        last late lately later latest laugh launch lawn layer layers lead leader leaf league learn least leave
        left legal lemon lend length less lesson letter letters level light lights like liked likely likes limit
        limited line lines lion lions list listen litter little live lively liver living load loan local locally
        locals locate lock logo lonely long longer look looking lord lose loss lost loud lounge love loved
        lovely lover loves lower lucky lunch luxury machine made magazine magical magma magnet mail main major
        make maker makes making male mango manner many marble march margin mark market married marry master
        match mate material matter mature maybe mean means meant measure meat media medical medium meet meeting
        meets melody member members memory mention menus merely message metal meter method metres middle might
        mild miles milk mind mine minor minute minutes mirror miss missing mission mistake mixed mixture mobile
        mode model modern modest moment mommy monday money monkey month months mood moon moral more morning
        mortgage most mostly mother motor mount mountain mouse mouth move moved movie movies moving much multi
        muscle museum music musical musician musicians must myself naked name named names narrow nation national
        native natural nature near nearby nearly neat neck need needed needs neighbor neighbour neither nephew
        never news next nice niece night nights nine ninth nobody noise none noon normal north nose note notes
        nothing notice novel november number nurse nuts object obtain obvious ocean october offer offers office
        often okay older once only onto open opening option options orange order ordinary organ organic organise
        organize organizer original other others otherwise ought ourselves outcome outer outfit output outside
        oven over overall owner pace paced package packet page paid pain paint painted painter painting pair
        palace pale panel panic paper parade parent parents parked parking parks parrot part parties partner
        parts party pass past pasta pastor pastry path patient patrol patron pattern pause payment peace peach
        peak peanut pears pencil people pepper perfect perhaps period permit person personal phone phones photo
        photos phrase physical piano pick picked picnic picture pictures piece pieces pilot pink pirated pitch
        pizza pizzas place placed places plain plan plane planet planets planner planning plans plant plants
        plastic plate plates platter play player players playing plaza please pleasure plenty plot plus pocket
        poem point pointed points police policy polite pool pools poor pop popular portion position positive
        possible post poster potato pound pounds power practice prefer prepare present presents pretty prevent
        price prices pride priest primary prime prince princes print prior private prize probably problem
        process produce product profit program project promise proof proper protect proud prove provide provider
        public pull pumpkin puppet puppets purchase pure purple purpose push puts quality quarter queen question
        quick quickly quiet quite quote rabbit race races racing radio rail rain rainbow raise ranch range rapid
        rarely rate rather reach reached react read reader reading ready real really reason recall receive
        recent record recover reduce refer reflect refuse regard region regular relate relative relax release
        relief rely remain remember remind remote remove rent rental rented renting repair repeat replace reply
        report request require rescue reserve resort respect respond rest restore result retire retreat return
        reveal revenue review reward ribbon rice rich ride rides right ring river road roast robot robots rock
        rocket rockets role roll roof room rooms root rose roses rough round route royal rule rules rural rustic
        sadly safari safe safety said sail salad salads sale salt same sample sand sandwich saturday sauce save
        saved savings saying scale scene schedule scheme school science scope score screen search season seat
        seated seating seats second secret section secure seem seems seen select self sell send senior sense
        sent separate september series serious serve served server service services serving session settle setup
        seven several severe shade shadow shake shall shape shaped share shared sharp sheet shelf shell shift
        shine ship shirt shock shoes shoot shop shops short should shoulder shout show shower showers shows shut
        sick side sight sign signal silence silly silver similar simple simply since singer singers single
        sister sisters site sites sitting situation size skill skin sleep slice slide slight slip slow small
        smaller smart smell smile smoke smooth snack snacks snow soccer social soft soil sold solid solve some
        somebody somehow someone something sometimes somewhere song songs soon sorry sort sound soup source
        south spaceship spade spare spark sparkle sparkling speak speaker special specific speech speed spell
        spend spent spice spiced spices spicy spider spirit split spoke sport sports spot spray spread spring
        square staff stage stair stake stamp stand standard star stars start started state station stay steak
        steal steam steel steep stick still stock stomach stone stood stop stops store storm story strange
        stream street strength strict strike string strip strong structure student students studio study stuff
        stupid style styled styles subject success such sudden suddenly suffer sugar suggest suit summer sunday
        sunny sunset super superb supper supply support suppose sure surely surface surprise survey swear sweat
        sweater sweats sweep sweeping sweeten swim swimming swing switch table tables taco tacos take taken
        takes taking tale talent talk tall target taste tasty teach teacher team teams tears teen teenage
        teenager teens tell tend tennis tent tents term terms test text than thank thanks that their theirs them
        themselves then theory there therefore these they thick thin thing things think third thirst thirsty
        thirteen thirty this those though thought thousand thread three threw through throw thursday thus thyme
        ticket tickets tiger tight time times tiny tired title toast today toddler toddlers together told
        tomorrow tone tonight took tool tools topic total touch tough tour toward towards tower town toys track
        trade tradition trail train transport trap travel treat treats tree trees trend trial trick tricks tries
        trip trouble truck trucks true truly trust truth trying tuesday turn turned turning turns twelve twenty
        twice twin twins type types typical ugly uncle under unit unite universe university unless unlike until
        upon upper upset urban usual usually vacation valley value vanilla variety various vary vast vegetable
        vegetables vehicle vendors very veteran via video videos view views village violet visit visitor vocal
        vocation voice volume vote wagon wait waiting walk wall wallet want wanted wants warden warm warn
        warning wash waste watch water watering wave ways wealth wear weather website wedding wednesday week
        weekend weekends weeks weight welcome well west western whale what whatever wheel when whenever where
        wherever whether which while white whole whom whose wide wife wild will wind window windows wine wing
        winner winter wire wise wish with within without witness woman women wonder wonderful wood wooden word
        words work worker world worry worse worst worth would wound write writer writing wrong wrote yard yards
        year years yellow yesterday yoga young younger your yours yourself youth zebra zone
        """
    )
)
